import { invalid } from '../../kernel/domain-error.js';
import type { JsonValue } from '../../kernel/json.js';
import { stepOf } from './definition-index.js';
import { succeed } from './go-on.js';
import { completeGroup, groupOf } from './group.js';
import { partScope, runName } from './run-name.js';
import type { GroupState, StepRunKey } from './state.js';
import type { ForEachStep } from './steps.js';
import { renderValue } from './template.js';
import { open, valuesIn } from './transition.js';
import type { Transition } from './transition.js';

/** So many items a for_each may have. */
export const MAX_ITEMS = 1_000;
const DEFAULT_CONCURRENCY = 10;
const DEFAULT_NAME = 'item';

/** The name under which the body reads its item. */
export const itemName = (configuration: { readonly as?: unknown }): string =>
  typeof configuration.as === 'string' ? configuration.as : DEFAULT_NAME;

/**
 * Begins the body for as many items as may run at the same time.
 * @throws DomainError `invalid-items` when there is no list, or too long a one
 */
export const beginForEach = (transition: Transition, step: ForEachStep, run: StepRunKey): void => {
  const items = itemsOf(renderValue(step.configuration.items, valuesIn(transition, run.scope)));
  open(transition, { ...run, attempt: 1, type: 'for_each', delayMs: null });
  if (items.length === 0) return complete(transition, run, []);
  const results = items.map(() => null);
  transition.groups[runName(run)] = { kind: 'for_each', items, begun: 0, ended: 0, results };
  const atOnce = Math.min(items.length, step.configuration.concurrency ?? DEFAULT_CONCURRENCY);
  for (let begun = 0; begun < atOnce; begun++) beginItem(transition, step, run);
};

/** The body is over for an item: the next one begins, or with the last one the for_each is over. */
export const endItem = (transition: Transition, scope: string, output: JsonValue): void => {
  const found = groupOf(transition, scope);
  if (found?.group.kind !== 'for_each') return;
  const { owner, index, name, group } = found;
  const results = group.results.with(index, output);
  const ended = group.ended + 1;
  delete transition.scopes[scope];
  if (ended === group.items.length) return complete(transition, owner, results);
  transition.groups[name] = { ...group, results, ended };
  beginItem(transition, stepOf(transition.definition, owner.stepId) as ForEachStep, owner);
};

const beginItem = (transition: Transition, { configuration }: ForEachStep, owner: StepRunKey): void => {
  const name = runName(owner);
  const group = transition.groups[name] as Extract<GroupState, { kind: 'for_each' }>;
  const item = group.items[group.begun];
  if (item === undefined) return;
  const scope = partScope(name, group.begun);
  transition.scopes[scope] = { owner, index: group.begun, item, as: itemName(configuration), outputs: {} };
  transition.groups[name] = { ...group, begun: group.begun + 1 };
  transition.agenda.push({ kind: 'enter', stepId: configuration.do, scope });
};

const complete = (transition: Transition, owner: StepRunKey, results: readonly JsonValue[]): void => {
  const output = { results, count: results.length };
  completeGroup(transition, owner, output);
  succeed(transition, owner, output);
};

const itemsOf = (items: JsonValue): readonly JsonValue[] => {
  if (!Array.isArray(items)) throw invalid('invalid-items', 'The items of a for_each are no list.');
  if (items.length <= MAX_ITEMS) return items as readonly JsonValue[];
  throw invalid('invalid-items', `A for_each takes ${MAX_ITEMS} items at most, not ${items.length}; split the list.`);
};
