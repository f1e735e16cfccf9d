import type { EventType } from '../../audit/audit.contract.js';

export const taskEventTypes: readonly EventType[] = [
  {
    type: 'crm.task-created',
    version: 1,
    isPublished: true,
    description: 'Somebody is to do something: title, priority, assignee and when it is due',
  },
];
