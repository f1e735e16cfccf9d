import type { FaultScene, InflictedFault } from './fault-scene.js';

/** How leases passed on, and how long work waited. */
export interface Takeovers {
  readonly takeovers: number;
  /** From the fault to the lease's next owner; an outage counts from its end. */
  readonly longestTakeoverS: number;
  readonly latestStartS: number;
  readonly unfoundedTakeovers: number;
}

interface Takeover {
  readonly formerWorker: string;
  /** Milliseconds of this machine's clock. */
  readonly formerAt: number;
  readonly at: number;
}

const MILLISECONDS = (column: string): string => `extract(epoch from ${column})::float8 * 1000`;

const TAKEOVERS = `select former.worker as "formerWorker", ${MILLISECONDS('former.at')} as "formerAt",
    ${MILLISECONDS('claim.at')} as at
  from crash_claims claim join crash_claims former
    on former.step_run_id = claim.step_run_id and former.fence = claim.fence - 1
  where claim.is_takeover`;

const LATEST = `select coalesce(max(late_ms), 0) as "lateMs" from crash_claims where not is_takeover`;

/** Finds for each lease that passed on the fault that ended it. */
export async function takeoversOf(scene: FaultScene): Promise<Takeovers> {
  const takeovers = await scene.rows<Takeover>(TAKEOVERS);
  const [latest] = await scene.rows<{ lateMs: number }>(LATEST);
  const waits = takeovers.map((takeover) => waitOf(takeover, scene.faults));
  const founded = waits.filter((wait) => wait !== undefined);
  return {
    takeovers: takeovers.length,
    longestTakeoverS: Math.max(0, ...founded) / 1000,
    latestStartS: latest!.lateMs / 1000,
    unfoundedTakeovers: waits.length - founded.length,
  };
}

/** A lease that was kept to the last moment ends so long after a fault; one that was about to be renewed, a bit sooner. */
const LEASE_LEFT_MS = 4_500;

/**
 * Milliseconds since the last fault that may have ended the lease; undefined when there was none. A takeover that was
 * under way when the worker that took it over was hit as well begins anew, and counts from there.
 */
function waitOf(takeover: Takeover, faults: readonly InflictedFault[]): number | undefined {
  const { formerWorker, formerAt, at: takenAt } = takeover;
  const interrupting = faults.filter(({ at, interruptsEffects }) => interruptsEffects && at <= takenAt);
  const cause = interrupting.findLast(
    ({ until, worker }) => (worker === undefined || worker === formerWorker) && until >= formerAt - 1,
  );
  if (!cause) return undefined;
  const last = interrupting.findLast(({ at }) => at >= cause.until + LEASE_LEFT_MS) ?? cause;
  return Math.max(0, takenAt - last.until);
}
