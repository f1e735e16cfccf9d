import { TextField } from '../../platform/http/fields.js';

export class ExecutionEventsQuery {
  @TextField({
    description:
      'Goes on after this event; for clients that cannot send `Last-Event-ID`, which counts when both are sent',
    example: '3.0',
    maxLength: 20,
    optional: true,
  })
  readonly lastEventId?: string;
}
