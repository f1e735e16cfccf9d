import type { JsonObject } from '../../kernel/json.js';
import { nextOpening } from './business-hours.js';
import { addDuration, millisecondsUntil, parseDuration, parseInstant } from './duration.js';
import type { DelayStep } from './steps.js';
import { renderValue } from './template.js';

/**
 * Milliseconds from `now` until a delay is over.
 * @throws DomainError `invalid-duration` or `invalid-instant` when a placeholder gave no such thing
 */
export const delayMsOf = (configuration: DelayStep['configuration'], scope: JsonObject, now: Date): number => {
  const { businessHours, timeZone = 'UTC' } = configuration;
  const end =
    'until' in configuration
      ? parseInstant(renderValue(configuration.until, scope), timeZone)
      : addDuration(now, parseDuration(renderValue(configuration.duration, scope)));
  if (!businessHours) return millisecondsUntil(end, now);
  const earliest = Math.max(end.getTime(), now.getTime());
  return millisecondsUntil(new Date(nextOpening(earliest, businessHours, timeZone)), now);
};
