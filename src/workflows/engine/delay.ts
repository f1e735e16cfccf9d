import type { JsonObject } from '../../kernel/json.js';
import type { DelayStep } from './definition.js';
import { addDuration, millisecondsUntil, parseDuration, parseInstant } from './duration.js';
import { renderValue } from './template.js';

/**
 * Milliseconds from `now` until a delay is over.
 * @throws DomainError `invalid-duration` or `invalid-instant` when a placeholder gave no such thing
 */
export const delayMsOf = (configuration: DelayStep['configuration'], scope: JsonObject, now: Date): number => {
  if ('until' in configuration) return millisecondsUntil(parseInstant(renderValue(configuration.until, scope)), now);
  const duration = parseDuration(renderValue(configuration.duration, scope));
  return addDuration(now, duration).getTime() - now.getTime();
};
