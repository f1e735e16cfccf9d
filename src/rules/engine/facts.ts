import type { JsonObject, JsonValue } from '../../kernel/json.js';

/** Who the decision is taken for; read as `$user`. */
export interface FactsUser {
  readonly id: string;
  readonly role: string;
  readonly permissions: readonly string[];
}

/** All that a decision may know besides its context. It is recorded whole, so that a replay sees the same. */
export interface Facts {
  /** The frozen clock: ISO 8601 in UTC. */
  readonly now: string;
  /** Seed of every random number drawn during the decision. */
  readonly seed: string;
  /** The arm of each experiment, by experiment. */
  readonly arms: JsonObject;
  readonly acknowledgments: JsonObject;
  readonly preferences: JsonObject;
  readonly user: FactsUser;
  /** The alias under which the caller named the subject, `lead`; read as `$entity`. */
  readonly entity?: string;
  /** Read as `$entityId`. */
  readonly entityId?: string;
}

const sources: Readonly<Record<string, (facts: Facts) => JsonValue>> = Object.assign(
  Object.create(null) as Record<string, (facts: Facts) => JsonValue>,
  {
    $user: ({ user }: Facts) => ({ id: user.id, role: user.role, permissions: user.permissions }),
    $entity: (facts: Facts) => facts.entity ?? null,
    $entityId: (facts: Facts) => facts.entityId ?? null,
  },
);

/**
 * How to read a name that belongs to the facts, or undefined for any other name. Facts win over a context that carries
 * such a key, else a caller could claim to be somebody else.
 */
export const factSource = (name: string | undefined): ((facts: Facts) => JsonValue) | undefined =>
  name === undefined ? undefined : sources[name];
