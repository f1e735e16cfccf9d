import type { EventType } from '../event-types.js';

export const subjectErased: EventType = {
  type: 'audit.subject-erased',
  version: 1,
  isPublished: false,
  description:
    'The key of a subject was destroyed, so that its sensitive and personal values can be read no more: id and ' +
    'generation of the key',
};

export const sensitiveValuesRead: EventType = {
  type: 'audit.sensitive-values-read',
  version: 1,
  isPublished: false,
  description: 'Somebody was shown sensitive or personal values in plain: of what, and the ids of the records',
};
