import { canonicalJson } from '../../kernel/canonical-json.js';
import { invalid } from '../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { addDuration, parseDuration } from './duration.js';
import type { StepStart } from './outcome.js';
import type { StepError, Timer } from './state.js';
import type { Assignment, DurationForm, HumanTaskStep, WaitForEventStep } from './steps.js';
import { renderValue } from './template.js';

/** What beginning a wait or a human task asks for. */
export type WaitStart = Pick<StepStart, 'delayMs' | 'timers' | 'wait' | 'task'>;

/** How a step fails whose timeout comes and that names no step to go on with. */
export const WAIT_TIMED_OUT: StepError = {
  code: 'wait-timed-out',
  message: 'Nothing came before the timeout.',
  retryable: false,
};

/** @throws DomainError `invalid-duration` when a placeholder gave no duration */
export const startOfWait = (
  { eventType, match, timeout }: WaitForEventStep['configuration'],
  scope: JsonObject,
  now: Date,
): WaitStart => {
  const matched = match && {
    matchField: match.field,
    matchValue: canonicalJson(renderValue(match.equals, scope)),
  };
  return { wait: { eventType, ...matched }, ...timed(timersOf({ timeout }, scope, now), now) };
};

/** @throws DomainError `invalid-duration`, or `invalid-assignee` when a placeholder gave nobody */
export const startOfTask = (configuration: HumanTaskStep['configuration'], scope: JsonObject, now: Date): WaitStart => {
  const { title, description, form } = configuration;
  const task = {
    title: textOf(renderValue(title, scope)),
    ...(description !== undefined && { description: textOf(renderValue(description, scope)) }),
    ...assignmentOf(configuration, scope),
    ...(form && { form }),
  };
  return { task, ...timed(timersOf(configuration, scope, now), now) };
};

/** Milliseconds until the first of these timers; null when there is none. */
export const delayUntil = (timers: readonly Timer[], now: Date): number | null => {
  const [next] = timers;
  return next ? Math.max(0, Date.parse(next.at) - now.getTime()) : null;
};

const timed = (timers: readonly Timer[], now: Date): Pick<WaitStart, 'delayMs' | 'timers'> => ({
  delayMs: delayUntil(timers, now),
  ...(timers.length > 0 && { timers }),
});

type TimedConfiguration = Pick<
  HumanTaskStep['configuration'],
  'remindAfter' | 'escalateAfter' | 'escalateTo' | 'timeout'
>;

/** In their order; whatever would come after the timeout never comes. */
const timersOf = (
  { remindAfter, escalateAfter, escalateTo, timeout }: TimedConfiguration,
  scope: JsonObject,
  now: Date,
): Timer[] => {
  const at = (duration: DurationForm): string =>
    addDuration(now, parseDuration(renderValue(duration, scope))).toISOString();
  const timers: Timer[] = [
    ...(remindAfter === undefined ? [] : [{ kind: 'reminder' as const, at: at(remindAfter) }]),
    ...(escalateAfter === undefined
      ? []
      : [
          {
            kind: 'escalation' as const,
            at: at(escalateAfter),
            ...(escalateTo && { to: assignmentOf(escalateTo, scope) }),
          },
        ]),
    ...(timeout === undefined ? [] : [{ kind: 'timeout' as const, at: at(timeout) }]),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const end = timers.findIndex(({ kind }) => kind === 'timeout');
  return end < 0 ? timers : timers.slice(0, end + 1);
};

const assignmentOf = ({ assignee, role }: Assignment, scope: JsonObject): Assignment => ({
  ...(assignee !== undefined && { assignee: somebody(renderValue(assignee, scope), assignee) }),
  ...(role !== undefined && { role: somebody(renderValue(role, scope), role) }),
});

const somebody = (value: JsonValue, written: string): string => {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid('invalid-assignee', `${written} gives nobody who could do the task.`);
};

const textOf = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value));
