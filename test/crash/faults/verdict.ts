import { auxiliaries, type Auxiliary } from './definition-mix.js';
import type { Feeder } from './feeder.js';
import type { FaultScene } from './fault-scene.js';
import { takeoversOf } from './takeovers.js';

/** A lease of six seconds, a sweep each second, and a second for the job. */
const LONGEST_TAKEOVER_S = 8;
const EXAMPLES = 5;

/** Mails or webhooks, counted by the rows and by the server that got them. */
export interface EffectSums {
  readonly due: number;
  readonly delivered: number;
  readonly unknown: number;
  /** Under way when a fault struck that may leave their outcome unknown. */
  readonly inFlight: number;
}

/** What a run came to. */
export interface Verdict {
  readonly executions: number;
  readonly endedRightly: number;
  readonly mails: EffectSums;
  /** Idempotency keys that a server got more than once. */
  readonly doubles: number;
  readonly takeovers: number;
  readonly longestTakeoverS: number;
  /** Longest time from being due to being taken, seconds. */
  readonly latestStartS: number;
  /** Leases that a living process lost. */
  readonly unfoundedTakeovers: number;
  /** Sums that do not come out, in words; none: everything holds. */
  readonly broken: readonly string[];
}

interface ExecutionRow {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly subjectId: string | null;
  readonly completed: readonly string[];
  readonly failed: readonly string[];
  readonly open: number;
}

const EXECUTIONS = `select e.id, w.name, e.status, e.subject_id as "subjectId",
    coalesce(array_agg(r.step_id order by r.step_id) filter (where r.status = 'completed'), '{}') as completed,
    coalesce(array_agg(r.step_id order by r.step_id) filter (where r.status = 'failed'), '{}') as failed,
    count(*) filter (where r.status in ('waiting', 'running'))::int as open
  from workflow_executions e join workflows w on w.id = e.workflow_id
  left join workflow_step_runs r on r.execution_id = e.id
  group by e.id, w.name`;

const MAILS = `select message_id as "messageId", status from emails`;

// An unknown mail was under way until somebody gave it up.
const IN_FLIGHT = `select count(*)::int as count from unnest($1::timestamptz[]) fault(at) join emails m
    on m.created_at <= fault.at and fault.at <= coalesce(m.sent_at,
      (select max(e.occurred_at) from events e where e.stream = 'email:' || m.id and e.type = 'workflows.email-unknown'),
      m.created_at)`;

const UNDELIVERED = `select (select count(*)::int from reaction_failures) as failures,
  (select count(*)::int from events where type in ('audit.reaction-given-up', 'audit.chain-too-deep')) as "givenUp"`;

/** Reads what stands in the tables and in the sinks once nothing is under way any more. */
export async function verdictOf(scene: FaultScene, feeder: Feeder): Promise<Verdict> {
  const executions = await scene.rows<ExecutionRow>(EXECUTIONS);
  const wrong = wrongExecutions(executions, feeder);
  const mails = await mailSums(scene, feeder);
  const takeovers = await takeoversOf(scene);
  const [undelivered] = await scene.rows<{ failures: number; givenUp: number }>(UNDELIVERED);
  const isLate = takeovers.longestTakeoverS > LONGEST_TAKEOVER_S;
  const broken = [
    ...wrong.slice(0, EXAMPLES),
    ...mails.broken,
    ...(isLate ? [`A step was taken over after ${takeovers.longestTakeoverS.toFixed(1)} s.`] : []),
    ...(undelivered!.failures + undelivered!.givenUp > 0 ? [`Reactions failed: ${JSON.stringify(undelivered)}.`] : []),
  ];
  const { sums, doubles } = mails;
  const endedRightly = Math.max(0, executions.length - wrong.length);
  return { executions: executions.length, endedRightly, mails: sums, doubles, ...takeovers, broken };
}

/** What the started executions must have come to, together. */
function expectedSums(feeder: Feeder): { followed: number; children: number; mails: number; refused: number } {
  const started = [...feeder.started.values()];
  const expectations = started.map(({ workflow, n }) => workflow.expected(n));
  const sum = (key: 'mails' | 'refused' | 'children'): number =>
    expectations.reduce((total, expectation) => total + expectation[key], 0);
  const followed = started.filter(({ workflow }) => workflow.isFollowed).length;
  const children = sum('children');
  const { followUp, child } = auxiliaries;
  return {
    followed,
    children,
    mails: sum('mails') + followed * followUp.mails + children * child.mails,
    refused: sum('refused'),
  };
}

const isOf = ({ definition }: Auxiliary, { name }: ExecutionRow): boolean => definition.name === name;

/** What is wrong with executions, one line for each. */
function wrongExecutions(executions: readonly ExecutionRow[], feeder: Feeder): string[] {
  const known = new Set(executions.map(({ id }) => id));
  const lost = [...feeder.started.keys()]
    .filter((id) => !known.has(id))
    .map((id) => `The execution ${id} is not there.`);
  const { followed, children } = expectedSums(feeder);
  const followUps = executions.filter((row) => isOf(auxiliaries.followUp, row));
  const subjects = new Set(followUps.map(({ subjectId }) => subjectId));
  const isFollowedOnce = subjects.size === followed && followUps.length === followed;
  const found = executions.filter((row) => isOf(auxiliaries.child, row)).length;
  return [
    ...lost,
    ...(isFollowedOnce ? [] : [`${followed} executions are followed ${followUps.length} times.`]),
    ...(found === children ? [] : [`There are ${found} children instead of ${children}.`]),
    ...executions.flatMap((row) => wrongWith(row, feeder)),
  ];
}

function wrongWith(row: ExecutionRow, feeder: Feeder): string[] {
  const started = feeder.started.get(row.id);
  const auxiliary = Object.values(auxiliaries).find((one) => isOf(one, row));
  if (!started && !auxiliary) return [`Nobody was told of the execution ${row.id}.`];
  const expected = started?.workflow.expected(started.n) ?? { status: 'completed', failed: [], ...auxiliary! };
  const wanted = {
    status: expected.status,
    completed: sorted(expected.completed),
    failed: sorted(expected.failed),
    open: 0,
  };
  const { status, completed, failed, open } = row;
  const found = { status, completed: sorted(completed), failed: sorted(failed), open };
  if (JSON.stringify(found) === JSON.stringify(wanted)) return [];
  return [`${row.name} ${row.id}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}.`];
}

async function mailSums(
  scene: FaultScene,
  feeder: Feeder,
): Promise<{ sums: EffectSums; doubles: number; broken: string[] }> {
  const rows = await scene.rows<{ messageId: string; status: string }>(MAILS);
  const count = (status: string): number => rows.filter((row) => row.status === status).length;
  const { mails: due, refused } = expectedSums(feeder);
  const taken = scene.mailCount.taken;
  const arrived = new Set(taken);
  const sums = { due, delivered: count('delivered'), unknown: count('unknown'), inFlight: await inFlightOf(scene) };
  const missing = rows.filter(({ status, messageId }) => status === 'delivered' && !arrived.has(messageId)).length;
  const doubles = taken.length - arrived.size;
  const checks: readonly (readonly [boolean, string])[] = [
    [sums.delivered + sums.unknown === due, `${sums.delivered} delivered and ${sums.unknown} unknown of ${due} mails.`],
    [count('failed') === refused, `${count('failed')} mails failed instead of ${refused}.`],
    [missing === 0, `${missing} mails count as delivered that the server never took.`],
    [doubles === 0, `${doubles} mails came twice.`],
    [sums.unknown <= sums.inFlight, `${sums.unknown} mails are unknown, ${sums.inFlight} were under way.`],
  ];
  return { sums, doubles, broken: checks.filter(([holds]) => !holds).map(([, words]) => words) };
}

async function inFlightOf(scene: FaultScene): Promise<number> {
  const moments = scene.faults.filter(({ interruptsEffects }) => interruptsEffects).map(({ at }) => new Date(at));
  return (await scene.rows<{ count: number }>(IN_FLIGHT, [moments]))[0]!.count;
}

const sorted = (steps: readonly string[]): string[] => [...steps].sort();
