import { isDeepStrictEqual } from 'node:util';
import type { WorkflowDefinition } from '../../src/workflows/engine/definition.js';
import { parseDuration } from '../../src/workflows/engine/duration.js';
import { visitName } from './ledger.js';
import type { ExecutionRow, MemoryRows, RunRow } from './memory-rows.js';
import { POSITIONS } from './memory-transition.js';
import { predecessorsOf } from './predecessors.js';
import type { World } from './world.js';

/** Everything about an ended world that must not be; nothing when all went right. */
export const violationsIn = (world: World): string[] => [
  ...world.ledger.faults,
  ...[...world.rows.runs.values()].flatMap((run) => checkRun(world, run)),
  ...[...world.rows.executions.values()].flatMap((execution) => checkExecution(world, execution)),
  ...checkEffects(world),
];

function checkRun(world: World, run: RunRow): string[] {
  const name = visitName(run.executionId, run);
  const definition = world.workflows.definitions.get(run.workflowId)!;
  return [...checkEnd(world, name, run), ...checkTimer(definition, name, run), ...checkOrder(world, definition, run)];
}

/** Each visit is finished exactly once, and told exactly once. */
function checkEnd({ ledger, rows }: World, name: string, run: RunRow): string[] {
  const execution = rows.executions.get(run.executionId)!;
  if (run.status === 'waiting' || run.status === 'running') {
    return [`${name} is ${run.status}, and its execution is ${execution.status}`];
  }
  const ends = ledger.ends.get(name) ?? 0;
  const twice = ends > 1 ? [`${name} was ended ${ends} times`] : [];
  const told = rows.events.filter(
    ({ type, executionId, payload }) =>
      executionId === run.executionId &&
      payload.stepId === run.stepId &&
      payload.visit === run.visit &&
      type === `workflows.step-${run.status}` &&
      payload.isRetried !== true,
  ).length;
  return told === 1 ? twice : [...twice, `${name} is ${run.status} and was told ${told} times`];
}

/** A delay that ended by itself has lasted as long as it should. */
function checkTimer(definition: WorkflowDefinition, name: string, run: RunRow): string[] {
  const step = definition.steps.find(({ id }) => id === run.stepId);
  if (step?.type !== 'delay' || run.status !== 'completed' || !('duration' in step.configuration)) return [];
  const expected = parseDuration(step.configuration.duration).milliseconds;
  const lasted = run.endedAt! - run.startedAt!;
  // The engine reckons from the last claim's present, which a worker carries on by its own clock.
  return lasted < expected ? [`${name} lasted ${lasted} ms and not ${expected}`] : [];
}

/** What leads to a step has ended before the step begins, or encloses it and runs. */
function checkOrder({ rows }: World, definition: WorkflowDefinition, run: RunRow): string[] {
  const before = predecessorsOf(definition, run.stepId);
  const leads = (other: RunRow): boolean =>
    before.has(other.stepId) &&
    (isGroup(definition, other.stepId) ? other.begunVersion : endedVersion(other)) <= run.begunVersion;
  // A retry begins what was interrupted anew.
  const isAnew = (other: RunRow): boolean =>
    other.stepId === run.stepId && other.status !== 'completed' && endedVersion(other) < run.begunVersion;
  const isFirst = run.begunVersion === 1 && definition.steps[0]?.id === run.stepId;
  const others = rows.runsOf(run.executionId).filter((other) => other !== run);
  // A group that is begun and cancelled in one transition never was, though conditions within were decided.
  const isWithinNothing = endedVersion(run) === run.begunVersion && !hasOwner(rows, run);
  const isLed = isFirst || isWithinNothing || others.some((other) => leads(other) || isAnew(other));
  return isLed ? [] : [`${visitName(run.executionId, run)} began and nothing led to it`];
}

/** Whether the visit whose branch or item a run belongs to has a row; there is none around the workflow itself. */
function hasOwner(rows: MemoryRows, { executionId, scope }: RunRow): boolean {
  const [, outer = '', stepId = '', visit = ''] = /^(?:(.*)\/)?([^/]+)\.(\d+)\.\d+$/.exec(scope) ?? [];
  return scope === '' || rows.runOf(executionId, { stepId, scope: outer, visit: Number(visit) }) !== undefined;
}

const endedVersion = ({ endedPosition }: RunRow): number =>
  endedPosition === null ? Number.POSITIVE_INFINITY : Math.floor(endedPosition / POSITIONS);

const isGroup = (definition: WorkflowDefinition, stepId: string): boolean =>
  ['parallel', 'for_each'].includes(typeOf(definition, stepId) ?? '');

function checkExecution(world: World, execution: ExecutionRow): string[] {
  const { rows } = world;
  const events = rows.events.filter(({ executionId }) => executionId === execution.id);
  const ends = events.filter(({ type }) => type === `workflows.execution-${execution.status}`).length;
  const retries = events.filter(({ type }) => type === 'workflows.execution-retry-requested').length;
  const told =
    ends >= 1 && ends <= 1 + retries ? [] : [`${execution.id} is ${execution.status} and told it ${ends} times`];
  const versions = events.map(({ streamVersion }) => streamVersion);
  const isOrdered = versions.every((version, index) => index === 0 || version >= versions[index - 1]!);
  return [
    ...told,
    ...(isOrdered ? [] : [`${execution.id} tells its events out of order`]),
    ...checkOutputs(world, execution),
    ...checkCompensation(world, execution),
    ...checkLog(world, execution),
  ];
}

/** What steps outside of items gave back is there in the end, all of it. */
function checkOutputs({ rows, workflows }: World, execution: ExecutionRow): string[] {
  const definition = workflows.definitions.get(execution.workflowId)!;
  const isItem = ({ scope }: RunRow): boolean =>
    scope.split('/').some((part) => typeOf(definition, part.split('.')[0]!) === 'for_each');
  const last = new Map<string, RunRow>();
  for (const run of rows.runsOf(execution.id))
    if (run.status === 'completed' && !isItem(run)) last.set(run.stepId, run);
  return [...last.values()].flatMap((run) => {
    const isLatest = execution.state.visits?.[run.stepId] === run.visit;
    const kept = execution.state.outputs?.[run.stepId];
    return !isLatest || isDeepStrictEqual(kept, run.output)
      ? []
      : [`${visitName(execution.id, run)} gave ${JSON.stringify(run.output)}, and ${JSON.stringify(kept)} is left`];
  });
}

/** The log, which goes by the rows, and the trail tell the ends in the same order. */
function checkLog({ rows }: World, { id }: ExecutionRow): string[] {
  const told = rows.events.flatMap(({ type, executionId, payload }) => {
    const isEnd = /^workflows\.step-(?:completed|failed|cancelled)$/.test(type) && payload.isRetried !== true;
    return isEnd && executionId === id ? [`${payload.stepId as string} #${payload.visit as number}`] : [];
  });
  const logged = rows
    .runsOf(id)
    .toSorted((one, other) => (one.endedPosition ?? 0) - (other.endedPosition ?? 0))
    .map(({ stepId, visit }) => `${stepId} #${visit}`);
  return isDeepStrictEqual(logged, told) ? [] : [`${id} logs ${logged.join(', ')} and tells ${told.join(', ')}`];
}

/** What completed is undone in reverse order, all of it. */
function checkCompensation({ rows, workflows }: World, execution: ExecutionRow): string[] {
  const { steps } = workflows.definitions.get(execution.workflowId)!;
  const events = rows.events.filter(({ executionId }) => executionId === execution.id);
  const isRetried = events.some(({ type }) => type === 'workflows.execution-retry-requested');
  if (execution.status !== 'compensated' || isRetried) return [];
  const undo = new Map(steps.map(({ id, compensation }) => [id, compensation]));
  const completed = events.flatMap(({ type, payload }) => {
    const undoneBy = type === 'workflows.step-completed' ? undo.get(payload.stepId as string) : undefined;
    return undoneBy === undefined ? [] : [undoneBy];
  });
  const undoing = new Set(completed);
  const undone = rows.runsOf(execution.id).flatMap(({ stepId }) => (undoing.has(stepId) ? [stepId] : []));
  const expected = completed.toReversed();
  return isDeepStrictEqual(undone, expected)
    ? []
    : [`${execution.id} was undone by ${undone.join(', ')} and should be by ${expected.join(', ')}`];
}

const typeOf = (definition: WorkflowDefinition, stepId: string) =>
  definition.steps.find(({ id }) => id === stepId)?.type;

/** Delivered and unknown effects are those due; none came to the sink twice, and no delivered one is missing there. */
function checkEffects({ rows, workflows, effects, sink }: World): string[] {
  const due = [...rows.runs.values()].filter((run) => {
    const step = workflows.definitions.get(run.workflowId)!.steps.find(({ id }) => id === run.stepId);
    return run.status === 'completed' && step?.type === 'action' && step.configuration.action === 'send';
  });
  const keyOf = ({ executionId, stepId, visit }: RunRow): string => `${executionId}.${stepId}.${visit}`;
  const unsettled = due.filter((run) => !['delivered', 'unknown'].includes(effects.get(keyOf(run))?.status ?? ''));
  return [
    ...unsettled.map((run) => `the effect ${keyOf(run)} is due and ${effects.get(keyOf(run))?.status ?? 'not noted'}`),
    ...[...sink].filter(([, times]) => times > 1).map(([key, times]) => `the effect ${key} happened ${times} times`),
    ...[...effects]
      .filter(([key, { status }]) => status === 'delivered' && !sink.has(key))
      .map(([key]) => `the effect ${key} counts as delivered and never happened`),
  ];
}
