import type { JsonObject, JsonValue } from '../../src/kernel/json.js';
import { withDefaults } from '../../src/workflows/engine/definition.js';
import type { Step } from '../../src/workflows/engine/definition.js';
import { CheckedExecution } from './checked-execution.js';

type Rest = Partial<Pick<Step, 'onError' | 'compensation' | 'nextSteps'>>;

/** A step of any type, whose name is its id. */
export const step = (type: Step['type'], id: string, configuration: JsonObject, rest: Rest = {}): Step =>
  ({ id, name: id, type, configuration, nextSteps: [], ...rest }) as unknown as Step;

/** An action with these parameters. */
export const act = (id: string, next?: string, rest: Rest & { parameters?: JsonObject } = {}): Step => {
  const { parameters = {}, ...frame } = rest;
  return step('action', id, { action: 'note', parameters }, { nextSteps: next === undefined ? [] : [next], ...frame });
};

/** A parallel with a branch that begins at each of these steps. */
export const parallel = (
  id: string,
  branches: readonly string[],
  join: 'all' | 'any' | number = 'all',
  rest: Rest & { then?: string } = {},
): Step => {
  const { then, ...frame } = rest;
  return step('parallel', id, { join, ...(then !== undefined && { then }) }, { nextSteps: branches, ...frame });
};

/** A for_each over these items. */
export const forEach = (
  id: string,
  items: JsonValue,
  body: string,
  rest: Rest & { concurrency?: number } = {},
): Step => {
  const { concurrency, ...frame } = rest;
  return step('for_each', id, { items, do: body, ...(concurrency !== undefined && { concurrency }) }, frame);
};

/** Begins an execution of these steps. */
export const begin = (...steps: Step[]): CheckedExecution => {
  const execution = new CheckedExecution(withDefaults({ name: 'w', trigger: { type: 'manual' }, steps }));
  execution.deliver({ kind: 'started' });
  return execution;
};
