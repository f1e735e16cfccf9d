import { DomainError } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';

/** Bytes that a context may have as JSON text in UTF-8. */
export const CONTEXT_LIMIT = 256 * 1024;

/** A text has at most so many bytes a character. */
const MOST_BYTES = 3;

/** Whether a context is one that records can hold. @throws too-large `context-too-large` */
export function assertContextSize(context: JsonObject): void {
  const text = JSON.stringify(context);
  if (text.length * MOST_BYTES <= CONTEXT_LIMIT) return;
  const bytes = Buffer.byteLength(text);
  if (bytes <= CONTEXT_LIMIT) return;
  const message = `The context has ${bytes} bytes; at most ${CONTEXT_LIMIT} are allowed.`;
  throw new DomainError('too-large', 'context-too-large', message, {
    violations: [{ pointer: '#/context', message: `must have at most ${CONTEXT_LIMIT} bytes as JSON` }],
  });
}
