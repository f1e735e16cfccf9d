import type { EntityCtor, FilterDef } from '@mikro-orm/core';

/** The class of an aggregate whose constructor is private, as the mapping wants it. */
export const classOf = <T extends object>(type: { prototype: T }): EntityCtor<T> => type as unknown as EntityCtor<T>;

/** Writes a field that others may only read; for the methods of an aggregate. */
export const mutable = <T>(aggregate: T): { -readonly [K in keyof T]: T[K] } => aggregate;

/** The first of the two walls between organizations: every tenant aggregate carries this filter, the policy is the second. */
export const organizationFilter: { organization: FilterDef } = {
  organization: {
    name: 'organization',
    cond: (parameters: Record<string, unknown>) => ({ organizationId: parameters.id }),
    default: true,
  },
};
