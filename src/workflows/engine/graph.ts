import type { JsonObject } from '../../kernel/json.js';

/** A step as the checks see it: its form is right, its content not yet known to be. */
export interface UncheckedStep {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly configuration: JsonObject;
  readonly nextSteps: readonly string[];
  readonly onError?: JsonObject;
  /** Id of the step that undoes this one. */
  readonly compensation?: string;
}

/** A way from one step to another, and where in the step it is written. */
export interface Edge {
  readonly to: string;
  readonly place: readonly (string | number)[];
  /** The number of the branch or body that it leads into; undefined when it stays in the region of the step. */
  readonly enters?: number;
}

/** Every way out of a step, those after an error or a timeout included. */
export const edgesOf = ({ type, configuration, nextSteps, onError }: UncheckedStep): Edge[] => {
  const next = nextSteps.map((to, index): Edge => {
    const edge = { to, place: ['nextSteps', index] };
    return type === 'parallel' ? { ...edge, enters: index } : edge;
  });
  const configured = (CONFIGURED_WAYS.get(type) ?? []).flatMap((key) => wayAt(configuration, 'configuration', key));
  const body = type === 'for_each' ? wayAt(configuration, 'configuration', 'do') : [];
  return [
    ...next,
    ...configured,
    ...body.map((edge) => ({ ...edge, enters: 0 })),
    ...wayAt(onError ?? {}, 'onError', 'goto'),
  ];
};

/** The keys of a configuration that name a step of the same region. */
const CONFIGURED_WAYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['condition', ['when', 'otherwise']],
  ['parallel', ['then']],
  ['wait_for_event', ['onTimeout']],
  ['human_task', ['onTimeout']],
]);

const wayAt = (part: JsonObject, place: string, key: string): Edge[] => {
  const to = Object.hasOwn(part, key) ? part[key] : undefined;
  return typeof to === 'string' ? [{ to, place: [place, key] }] : [];
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
