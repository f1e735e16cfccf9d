import pg from 'pg';

/** A lock that the test holds to stop the relay between its jobs and its checkpoint. */
export const RELAY_LOCK = 471_100;

/** Where a process can be caught by what it writes: it took a step, or has ended one. */
export type StepMoment = 'claimed' | 'ended';

// Each process has a login of its own, so `session_user` tells which one wrote.
const INSTRUMENTS = `
  create table crash_claims (
    step_run_id uuid, fence integer, worker name, is_takeover boolean, late_ms float8, at timestamptz
  );
  create table crash_traps (worker name, moment text);
  create function crash_watch() returns trigger language plpgsql security definer as $$
  declare
    reached text;
  begin
    if new.status = 'running' and (tg_op = 'INSERT' or new.fence <> old.fence) then
      reached := 'claimed';
      insert into crash_claims values (new.id, new.fence, session_user, tg_op = 'UPDATE' and old.status = 'running',
        extract(epoch from app_now() - new.due_at) * 1000, clock_timestamp());
    elsif tg_op = 'UPDATE' and old.status = 'running' and new.status <> 'running' then
      reached := 'ended';
    end if;
    if exists (select from crash_traps t where t.worker = session_user and t.moment = reached) then
      perform pg_notify('crash', session_user);
    end if;
    return null;
  end $$;
  create trigger crash_watch after insert or update on workflow_step_runs for each row execute function crash_watch();
  create function crash_hold_relay() returns trigger language plpgsql security definer as $$
  begin
    if exists (select from crash_traps t where t.moment = 'relay') then
      perform pg_advisory_xact_lock_shared(${RELAY_LOCK});
    end if;
    return new;
  end $$;
  create trigger crash_hold_relay before update on relay_checkpoints for each row when (old.name = 'reactions')
    execute function crash_hold_relay();`;

/** Writes down who takes which step when, in the database itself, and lets a test wait for a moment of a process. */
export async function installInstruments(owner: pg.Pool): Promise<void> {
  await owner.query(INSTRUMENTS);
}

/** Waits until a process writes at the moment; gives up after some time. @returns whether it did */
export async function waitForStep(
  databaseUrl: string,
  worker: string,
  moment: StepMoment,
  withinMs: number,
): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('listen crash');
    const heard = new Promise<boolean>((resolve) => {
      client.on('notification', ({ payload }) => payload === worker && resolve(true));
      setTimeout(() => resolve(false), withinMs).unref();
    });
    await client.query('insert into crash_traps values ($1, $2)', [worker, moment]);
    return await heard;
  } finally {
    await client.query('delete from crash_traps').catch(() => undefined);
    await client.end().catch(() => undefined);
  }
}
