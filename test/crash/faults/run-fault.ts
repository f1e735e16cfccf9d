import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditTrail } from '../../support/audit-trail.js';
import { eventually } from '../../support/eventually.js';
import { mixOf } from './definition-mix.js';
import type { Fault } from './fault.js';
import { type Backend, FaultScene } from './fault-scene.js';
import { Feeder } from './feeder.js';
import { SeededChance } from './seeded-chance.js';
import { verdictOf, type Verdict } from './verdict.js';

/** Everything that was started must have ended by then. */
const ENDS_WITHIN_MS = 120_000;
const MOST_PAUSE_MS = 500;

export interface FaultRun {
  readonly fault: Fault;
  readonly backend: Backend;
  readonly seed: number;
  /** How often the fault is inflicted. */
  readonly moments: number;
  /** Executions that are under way all the while. */
  readonly inFlight: number;
  /** What a takeover may take; beside other work on the machine it takes longer. */
  readonly longestTakeoverS: number;
}

/** What a run came to, with what it was. */
export interface FaultReport extends Omit<Verdict, 'latestStartS'> {
  /** Null when the fault moves the clock by which it is told. */
  readonly latestStartS: number | null;
  readonly fault: string;
  readonly backend: Backend;
  readonly seed: number;
  readonly moments: number;
  readonly inFlight: number;
  /** Executions that had not ended when nobody waited any longer. */
  readonly stuck: number;
  readonly seconds: number;
}

/** What somebody wants to know while a run goes on. */
export interface RunListener {
  readonly say: (line: string) => void;
  /** Told when nothing is hurt any more, and what it was has been taken over: from then on the run only waits. */
  readonly onRecovered: () => void;
}

/** Inflicts a fault at seeded moments while executions are under way, lets them all end, and counts. */
export async function runFault(run: FaultRun, { say, onRecovered }: RunListener): Promise<FaultReport> {
  const start = performance.now();
  const { fault, backend, seed, moments, inFlight } = run;
  const chance = new SeededChance(seed, `${fault.name} on ${backend}`);
  const scene = await FaultScene.open(backend);
  try {
    const feeder = new Feeder(scene, mixOf(chance.for('mix')), inFlight);
    await feeder.start();
    for (let moment = 1; moment <= moments; moment += 1) {
      const drawn = chance.for(`moment ${moment}`);
      await sleep(drawn.between(0, MOST_PAUSE_MS));
      await fault.inflict(scene, drawn);
      say(`${fault.name} on ${backend}: ${moment} of ${moments}, ${feeder.started.size} executions started`);
    }
    await feeder.stop();
    void sleep(1000 * run.longestTakeoverS).then(onRecovered);
    const stuck = await untilEnded(feeder);
    const verdict = await verdictOf(scene, feeder);
    const broken = [
      ...(stuck > 0 ? [`${stuck} executions are stuck.`] : []),
      ...verdict.broken,
      ...lateTakeovers(verdict, run.longestTakeoverS),
      ...(await faultsOfTrail(scene)),
    ];
    const latestStartS = fault.movesTime ? null : verdict.latestStartS;
    const seconds = (performance.now() - start) / 1000;
    return { fault: fault.name, backend, seed, moments, inFlight, ...verdict, latestStartS, stuck, broken, seconds };
  } finally {
    await scene.close();
  }
}

const lateTakeovers = ({ longestTakeoverS }: Verdict, allowedS: number): string[] =>
  longestTakeoverS > allowedS ? [`A step was taken over after ${longestTakeoverS.toFixed(1)} s.`] : [];

/** @returns how many have not ended after a long time */
async function untilEnded(feeder: Feeder): Promise<number> {
  const hasEnded = async (): Promise<number> => {
    const count = await feeder.countInFlight();
    if (count > 0) throw new Error(`${count} executions are under way.`);
    return count;
  };
  try {
    // A follow-up starts a moment after the end that it follows, and may end later than everything else.
    await eventually(hasEnded, ENDS_WITHIN_MS);
    await sleep(2_000);
    return await eventually(hasEnded, ENDS_WITHIN_MS);
  } catch {
    return feeder.countInFlight();
  }
}

/** What remains is sealed here; the whole is verified by the command, in a process of its own: servers of the next run answer from this one. */
async function faultsOfTrail(scene: FaultScene): Promise<string[]> {
  await scene.stopProcesses();
  const trail = await AuditTrail.open(scene.databaseUrl);
  try {
    await trail.seal();
  } finally {
    await trail.close();
  }
  const { stdout, stderr } = await runCommand(scene, 'audit', 'verify', '--json');
  const reports = stdout.split('\n').filter((line) => line.startsWith('{'));
  const known = reports.map((line) => JSON.parse(line) as { organizationId: string; ok: boolean; unsealed: number });
  const own = known.find(({ organizationId }) => organizationId === scene.organizationId);
  const isSound = own?.unsealed === 0 && known.every(({ ok }) => ok);
  return isSound ? [] : [`The trail does not verify: ${stdout.slice(0, 500)}${stderr.slice(0, 500)}`];
}

async function runCommand(scene: FaultScene, ...words: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['dist/cli.js', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, NODE_ENV: 'test', DATABASE_URL: scene.databaseUrl },
  });
  setPriority(child.pid!, constants.priority.PRIORITY_LOW);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr };
}
