import type { Type } from '@nestjs/common';
import type { InputFault } from './invalid-input.js';

/** Other names of members, by what callers may write: `{ entity_type: 'entity' }`. */
export type Aliases = Readonly<Record<string, string>>;

const tables = new WeakMap<object, Aliases>();

/** An input class that takes other names for some of its fields, each instead of the field's own, never beside it. */
export const TakesAliases =
  (aliases: Aliases): ClassDecorator =>
  (type) =>
    void tables.set(type, aliases);

/** The other names that an input class takes; those of a class that it extends count too. */
export function aliasesOf(type: Type<object>): Aliases | undefined {
  for (let each: object | null = type; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    const aliases = tables.get(each);
    if (aliases) return aliases;
  }
  return undefined;
}

/** A body with its members under their own names. What is written under both is told as a fault, and kept as it is. */
export function underOwnNames(
  source: Readonly<Record<string, unknown>>,
  aliases: Aliases,
): { readonly named: Readonly<Record<string, unknown>>; readonly faults: readonly InputFault[] } {
  const used = Object.keys(source).filter((key) => Object.hasOwn(aliases, key));
  if (used.length === 0) return { named: source, faults: [] };
  const faults: InputFault[] = [];
  const named: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(source)) {
    const name = Object.hasOwn(aliases, key) ? aliases[key]! : key;
    if (Object.hasOwn(named, name) || (name !== key && Object.hasOwn(source, name))) {
      faults.push({ path: [key], message: `${key} is another name of ${name}; send one of them` });
    } else named[name] = value;
  }
  return { named, faults };
}
