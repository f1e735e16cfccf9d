// Read from the parameter itself, not from a table expression over it: rows are then looked up by their keys in a plan
// that the server keeps, whatever it knew of the tables' size when it made the plan.

/** The organization of a transition, in a statement whose first parameter is the change. */
export const ORGANIZATION = `($1::jsonb ->> 'organizationId')::uuid`;

/** The execution of a transition. */
export const EXECUTION = `($1::jsonb ->> 'executionId')::uuid`;
