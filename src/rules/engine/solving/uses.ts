import type { JsonValue } from '../../../kernel/json.js';

/** What the conditions compare a path with; the places where an answer can change lie at these values. */
export interface Uses {
  /** Compared by order or with coercion. */
  readonly ordered: readonly JsonValue[];
  /** Compared by content. */
  readonly equal: readonly JsonValue[];
  /** Texts that the value may begin with. */
  readonly prefixes: readonly string[];
  /** What may stand inside of the value, a text or a list. */
  readonly needles: readonly JsonValue[];
  /** Texts that the value may stand inside of. */
  readonly surroundings: readonly string[];
  /** Whether it matters that an object has no members. */
  readonly asksEmptiness: boolean;
  /** Whether the value is also used in a way that the solver does not understand. */
  readonly isOpaque: boolean;
}

export const noUses: Uses = {
  ordered: [],
  equal: [],
  prefixes: [],
  needles: [],
  surroundings: [],
  asksEmptiness: false,
  isOpaque: false,
};

/** The uses of several atoms that read one path. */
export const joinUses = (all: readonly Uses[]): Uses => ({
  ordered: all.flatMap(({ ordered }) => ordered),
  equal: all.flatMap(({ equal }) => equal),
  prefixes: all.flatMap(({ prefixes }) => prefixes),
  needles: all.flatMap(({ needles }) => needles),
  surroundings: all.flatMap(({ surroundings }) => surroundings),
  asksEmptiness: all.some(({ asksEmptiness }) => asksEmptiness),
  isOpaque: all.some(({ isOpaque }) => isOpaque),
});
