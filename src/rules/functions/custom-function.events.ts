import type { EventType } from '../../audit/audit.contract.js';

const about = (type: string, description: string): EventType => ({
  type: `rules.function-${type}`,
  version: 1,
  isPublished: false,
  description,
});

/** What happens to functions. */
export const functionEventTypes: readonly EventType[] = [
  about('created', 'A function was written: name, version 1 and its definition'),
  about('revised', 'A new version of a function was saved: name, version and definition'),
  about('published', 'A version became the one that rules call: name, version and the one before'),
  about('removed', 'A function left the lists: name and the version that was live'),
];
