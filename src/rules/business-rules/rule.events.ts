import type { EventType } from '../../audit/audit.contract.js';

const about = (type: string, description: string): EventType => ({
  type: `rules.rule-${type}`,
  version: 1,
  isPublished: false,
  description,
});

/** What happens to rules. Decisions are told by `rules.executed`. */
export const ruleEventTypes: readonly EventType[] = [
  about('created', 'A rule was written: entry point, version 1 and its definition'),
  about('revised', 'A new version of a rule was saved: entry point, version, definition, and the version it restores'),
  about('published', 'A version was put in force: entry point, version and the one that was in force before'),
  about('deactivated', 'A rule was taken out of force: entry point and the version that was in force'),
  about('archived', 'A rule left the lists'),
];
