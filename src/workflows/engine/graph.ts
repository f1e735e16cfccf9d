import type { JsonObject } from '../../kernel/json.js';

/** A step as the checks see it: its form is right, its content not yet known to be. */
export interface UncheckedStep {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly configuration: JsonObject;
  readonly nextSteps: readonly string[];
  readonly onError?: JsonObject;
  readonly compensation?: unknown;
}

/** A way from one step to another, and where in the step it is written. */
export interface Edge {
  readonly to: string;
  readonly place: readonly (string | number)[];
}

/** Every way out of a step, the one after an error included. */
export const edgesOf = (step: UncheckedStep): Edge[] => {
  const { when, otherwise } = step.type === 'condition' ? step.configuration : {};
  const goto = step.onError?.goto;
  return [
    ...step.nextSteps.map((to, index) => ({ to, place: ['nextSteps', index] })),
    ...(typeof when === 'string' ? [{ to: when, place: ['configuration', 'when'] }] : []),
    ...(typeof otherwise === 'string' ? [{ to: otherwise, place: ['configuration', 'otherwise'] }] : []),
    ...(typeof goto === 'string' ? [{ to: goto, place: ['onError', 'goto'] }] : []),
  ];
};

/** Ids of the steps that some way from `start` leads to; `start` itself only when a way leads back to it. */
export const reachableFrom = (start: string, next: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> => {
  const reached = new Set<string>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const to of next.get(id) ?? []) {
      if (!reached.has(to)) open.push(to);
      reached.add(to);
    }
  }
  return reached;
};
