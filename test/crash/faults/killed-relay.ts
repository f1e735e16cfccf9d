import pg from 'pg';
import { eventually } from '../../support/eventually.js';
import { BOTH, type Fault } from './fault.js';
import type { FaultScene, Slot } from './fault-scene.js';
import { RELAY_LOCK } from './instruments.js';

const WAITING = `select a.pid, a.usename as login from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory' and l.objid = ${RELAY_LOCK} and not l.granted
    and l.database = (select oid from pg_database where datname = current_database())`;

interface CaughtRelay {
  readonly pid: number;
  readonly login: string;
}

/** The relay has added jobs and waits for us with its checkpoint: it is killed there, and the checkpoint never moves. */
async function killRelay(scene: FaultScene): Promise<void> {
  const client = new pg.Client({ connectionString: scene.databaseUrl });
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(${RELAY_LOCK})`);
    await client.query("insert into crash_traps values (null, 'relay')");
    const { pid, login } = await eventually(async () => {
      const { rows } = await client.query<CaughtRelay>(WAITING);
      if (!rows[0]) throw new Error('The relay has nothing to do.');
      return rows[0];
    });
    const slot = slotOf(scene, login);
    const at = Date.now();
    const killed = scene.kill(slot);
    scene.note(at, slot, true);
    await killed;
    // The server would not notice that its client is gone, and would move the checkpoint after all.
    await client.query('select pg_terminate_backend($1)', [pid]);
    await eventually(async () => {
      const { rowCount } = await client.query('select from pg_stat_activity where pid = $1', [pid]);
      if (rowCount !== 0) throw new Error('The session of the relay is still there.');
    });
    await client.query('delete from crash_traps');
    await client.query(`select pg_advisory_unlock(${RELAY_LOCK})`);
    await scene.start(slot);
  } finally {
    await client.end();
  }
}

function slotOf(scene: FaultScene, login: string): Slot {
  const slot = scene.workers.find((worker) => worker.login === login);
  if (!slot) throw new Error(`The relay runs in no worker but as ${login}.`);
  return slot;
}

/** The relay is killed between adding jobs and moving its checkpoint. */
export const killedRelay: Fault = { name: 'kill-relay', backends: BOTH, inflict: killRelay };
