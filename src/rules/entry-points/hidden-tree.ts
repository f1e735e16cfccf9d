import type { Violation } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import { parsePath, type Path } from '../engine/paths.js';
import { schemaVerdict } from '../engine/schema-path.js';

/** The paths of a context whose values only some may see; each covers what is below it. */
export interface HiddenSettings {
  /** Values that need special care: health, money, beliefs. */
  readonly sensitivePaths?: readonly string[];
  /** Values about a person, who may ask for them to be erased. */
  readonly personalPaths?: readonly string[];
}

/** Hidden paths, key by key; `covered` where one ends. */
export type HiddenTree = ReadonlyMap<string, HiddenTree | 'covered'>;

export const hiddenPathsOf = ({ sensitivePaths = [], personalPaths = [] }: HiddenSettings): readonly Path[] =>
  [...sensitivePaths, ...personalPaths].map(parsePath);

/** The tree of all hidden paths, undefined when there are none. */
export function hiddenTreeOf(settings: HiddenSettings): HiddenTree | undefined {
  const paths = hiddenPathsOf(settings);
  return paths.length === 0 ? undefined : treeOf(paths);
}

function treeOf(paths: readonly Path[]): HiddenTree {
  const tree = new Map<string, HiddenTree | 'covered'>();
  for (const first of new Set(paths.map(([key]) => key!))) {
    const below = paths.filter(([key]) => key === first).map((path) => path.slice(1));
    tree.set(first, below.some(({ length }) => length === 0) ? 'covered' : treeOf(below));
  }
  return tree;
}

/** Whether two paths meet: one of them is the other or lies above it. */
export const doMeet = (a: Path, b: Path): boolean => {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** Whether a path is hidden, lies below one that is, or above. */
export function meetsHidden(hidden: HiddenTree, path: Path): boolean {
  let below: HiddenTree | 'covered' | undefined = hidden;
  for (const key of path) {
    if (typeof below === 'string') return true;
    below = below.get(key);
    if (below === undefined) return false;
  }
  return true;
}

/** What is wrong with hidden paths: those that the schema rules out, or that lead into a list. */
export const hiddenPathViolations = (settings: HiddenSettings & { readonly schema: JsonObject }): Violation[] =>
  (['sensitivePaths', 'personalPaths'] as const).flatMap((field) =>
    (settings[field] ?? []).flatMap((path, i) => {
      const message = faultOf(path, settings.schema);
      return message === undefined ? [] : [{ pointer: `#/${field}/${i}`, message }];
    }),
  );

function faultOf(text: string, schema: JsonObject): string | undefined {
  const path = parsePath(text);
  if (path.length === 0 || path.includes('')) return `"${text}" is no dotted path, such as order.customer.email`;
  const list = path.findIndex((_, i) => isList(schema, path.slice(0, i)));
  if (list >= 0)
    return `${text} leads into a list; name the list, ${path.slice(0, list).join('.')}, to cover all of it`;
  return schemaVerdict(schema, path) === 'impossible' ? `${text} is no path of the schema` : undefined;
}

function isList(schema: JsonObject, path: Path): boolean {
  const types = schemaVerdict(schema, path);
  return typeof types === 'object' && types.has('array') && !types.has('object');
}
