import type { Aliases } from '../platform/http/aliases.js';

/** The names that the sources have for members of bodies and queries about rules; each instead of our own. */
export const sourceNames: Aliases = {
  entity_type: 'entity',
  entity_id: 'entityId',
  entry_point: 'entryPoint',
  is_active: 'enabled',
  active: 'enabled',
  valid_from: 'validFrom',
  valid_until: 'validUntil',
  rule_id: 'ruleId',
};
