import { auxiliaries, type Auxiliary, type Expectation } from './definition-mix.js';
import { effectSums, mails, webhooks, type EffectSums } from './effects.js';
import type { Feeder } from './feeder.js';
import type { FaultScene } from './fault-scene.js';
import { takeoversOf } from './takeovers.js';

const EXAMPLES = 5;

/** What a run came to. */
export interface Verdict {
  readonly executions: number;
  readonly endedRightly: number;
  readonly mails: EffectSums;
  readonly webhooks: EffectSums;
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

const UNKNOWN_MAILS = `select mail.execution_id as id, array_agg(run.step_id) as steps
  from emails mail join workflow_step_runs run on run.id = mail.step_run_id
  where mail.status = 'unknown' group by mail.execution_id`;

const UNDELIVERED = `select (select count(*)::int from reaction_failures) as failures,
  (select count(*)::int from events where type in ('audit.reaction-given-up', 'audit.chain-too-deep')) as "givenUp"`;

/** Reads what stands in the tables and in the sinks once nothing is under way any more. */
export async function verdictOf(scene: FaultScene, feeder: Feeder): Promise<Verdict> {
  const executions = await scene.rows<ExecutionRow>(EXECUTIONS);
  const expectations = await expectationsOf(scene, feeder);
  const expected = expectedSums(feeder, expectations);
  const wrong = wrongExecutions(executions, expectations, expected);
  const { mailCount, webhookSink } = scene;
  const sent = await effectSums(scene, mails, {
    due: expected.mails,
    refused: expected.refused,
    taken: mailCount.taken,
  });
  const called = await effectSums(scene, webhooks, { due: expected.webhooks, refused: 0, taken: webhookSink.taken });
  const takeovers = await takeoversOf(scene);
  const [undelivered] = await scene.rows<{ failures: number; givenUp: number }>(UNDELIVERED);
  const broken = [
    ...wrong.slice(0, EXAMPLES),
    ...sent.broken,
    ...called.broken,
    ...(undelivered!.failures + undelivered!.givenUp > 0 ? [`Reactions failed: ${JSON.stringify(undelivered)}.`] : []),
  ];
  const endedRightly = Math.max(0, executions.length - wrong.length);
  return { executions: executions.length, endedRightly, mails: sent, webhooks: called, ...takeovers, broken };
}

/** What each execution that somebody was told of must have come to, by its id. */
type Expectations = ReadonlyMap<string, Expectation>;

async function expectationsOf(scene: FaultScene, { started }: Feeder): Promise<Expectations> {
  const rows = await scene.rows<{ id: string; steps: readonly string[] }>(UNKNOWN_MAILS);
  const unknown = new Map(rows.map(({ id, steps }) => [id, new Set(steps)]));
  return new Map([...started].map(([id, { workflow, n }]) => [id, workflow.expected(n, unknown.get(id) ?? new Set())]));
}

interface ExpectedSums {
  readonly followed: number;
  readonly children: number;
  readonly mails: number;
  readonly refused: number;
  readonly webhooks: number;
}

/** What the started executions must have come to, together. */
function expectedSums({ started }: Feeder, expectations: Expectations): ExpectedSums {
  const sum = (key: 'mails' | 'refused' | 'webhooks' | 'children'): number =>
    [...expectations.values()].reduce((total, expectation) => total + expectation[key], 0);
  const followed = [...started.values()].filter(({ workflow }) => workflow.isFollowed).length;
  const children = sum('children');
  const { followUp, child } = auxiliaries;
  return {
    followed,
    children,
    mails: sum('mails') + followed * followUp.mails + children * child.mails,
    refused: sum('refused'),
    webhooks: sum('webhooks'),
  };
}

const isOf = ({ definition }: Auxiliary, { name }: ExecutionRow): boolean => definition.name === name;

/** What is wrong with executions, one line for each. */
function wrongExecutions(
  executions: readonly ExecutionRow[],
  expectations: Expectations,
  { followed, children }: ExpectedSums,
): string[] {
  const known = new Set(executions.map(({ id }) => id));
  const lost = [...expectations.keys()].filter((id) => !known.has(id)).map((id) => `The execution ${id} is not there.`);
  const followUps = executions.filter((row) => isOf(auxiliaries.followUp, row));
  const subjects = new Set(followUps.map(({ subjectId }) => subjectId));
  const isFollowedOnce = subjects.size === followed && followUps.length === followed;
  const found = executions.filter((row) => isOf(auxiliaries.child, row)).length;
  return [
    ...lost,
    ...(isFollowedOnce ? [] : [`${followed} executions are followed ${followUps.length} times.`]),
    ...(found === children ? [] : [`There are ${found} children instead of ${children}.`]),
    ...executions.flatMap((row) => wrongWith(row, expectations)),
  ];
}

function wrongWith(row: ExecutionRow, expectations: Expectations): string[] {
  const expectation = expectations.get(row.id);
  const auxiliary = Object.values(auxiliaries).find((one) => isOf(one, row));
  if (!expectation && !auxiliary) return [`Nobody was told of the execution ${row.id}.`];
  const expected = expectation ?? { status: 'completed', failed: [], ...auxiliary! };
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

const sorted = (steps: readonly string[]): string[] => [...steps].sort();
