import type { EventType } from '../../audit/audit.contract.js';

const about = (type: string, description: string): EventType => ({
  type: `rules.entry-point-${type}`,
  version: 1,
  isPublished: false,
  description: `${description}: name, description, schema, writable fields, failure policy, sensitive and personal paths`,
});

/** What happens to an organization's own entry points. */
export const entryPointEventTypes: readonly EventType[] = [
  about('created', 'An entry point was made'),
  about('changed', 'An entry point was changed'),
  about('removed', 'An entry point was removed'),
];
