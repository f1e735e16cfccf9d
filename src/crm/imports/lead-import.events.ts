import type { EventType } from '../../audit/audit.contract.js';

const about = (type: string, description: string): EventType => ({
  type: `crm.lead-import-${type}`,
  version: 1,
  isPublished: false,
  description,
});

/** What happens to imports; the leads that they create tell of themselves. */
export const importEventTypes: readonly EventType[] = [
  about('queued', 'A file of leads was received: format, rows, whether it is a dry run'),
  about('completed', 'Every row of an import was looked at: created, duplicate, rejected'),
  about('cancelled', 'An import was stopped; how many leads it had created'),
  about('failed', 'An import could not go on: why, and how many leads it had created'),
];
