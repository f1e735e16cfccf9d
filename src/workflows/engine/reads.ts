import type { JsonObject } from '../../kernel/json.js';
import { pathsRead } from './condition-paths.js';
import type { PathRead } from './condition-paths.js';
import type { UncheckedStep } from './graph.js';
import { placeholdersOf } from './template.js';

/** What a step reads, and where in its configuration it is written; without a path it is a malformed placeholder. */
export interface Read {
  readonly path?: readonly string[];
  /** The placeholder as it was written. */
  readonly text?: string;
  readonly place: PathRead['place'];
  /** Whether it is read when an event has come. */
  readonly isEventKnown?: true;
}

/** The keys of the configurations that are templates. */
const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ['action', ['parameters']],
  ['delay', ['duration', 'until']],
  ['for_each', ['items']],
  ['wait_for_event', ['timeout']],
  ['human_task', ['title', 'description', 'assignee', 'role', 'remindAfter', 'escalateAfter', 'escalateTo', 'timeout']],
  ['subworkflow', ['variables']],
]);

/** Everything that is read when a step begins; for a wait also what its filter reads. */
export const readsOf = ({ type, configuration }: UncheckedStep): Read[] => {
  if (type === 'condition') return pathsRead(configuration);
  const templates = (TEMPLATES.get(type) ?? []).filter((key) => Object.hasOwn(configuration, key));
  const reads = templates.flatMap((key): Read[] => placeholdersOf(configuration[key] ?? null, [key]));
  return type === 'wait_for_event' ? [...reads, ...readsOfWait(configuration)] : reads;
};

const readsOfWait = ({ match, filter }: JsonObject): Read[] => {
  const { equals = null } = (match ?? {}) as JsonObject;
  const filtered = filter === undefined ? [] : pathsRead({ condition: filter });
  return [
    ...placeholdersOf(equals, ['match', 'equals']),
    ...filtered.map((read): Read => ({ ...read, place: ['filter', ...read.place.slice(1)], isEventKnown: true })),
  ];
};
