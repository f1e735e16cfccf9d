import type { CompiledRule } from '../rule-set.js';

/** When a rule is in force, in milliseconds since 1970; the end is exclusive. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The time from a moment on in which all rules are in force; undefined when there is none. */
export function commonSpan(rules: readonly CompiledRule[], fromMs: number): Span | undefined {
  const start = Math.max(fromMs, ...rules.map(({ validFromMs }) => validFromMs));
  const end = Math.min(...rules.map(({ validUntilMs }) => validUntilMs));
  return start < end ? { fromMs: start, untilMs: end } : undefined;
}

export const isInForce = ({ validFromMs, validUntilMs }: CompiledRule, moment: number): boolean =>
  validFromMs <= moment && moment < validUntilMs;

/** A moment of a span, and which of some other rules are in force then. */
export interface Moment {
  readonly moment: number;
  readonly others: readonly CompiledRule[];
}

/** One moment for each different choice of other rules in force, the earliest first. */
export function momentsIn({ fromMs, untilMs }: Span, others: readonly CompiledRule[]): readonly Moment[] {
  const turns = others
    .flatMap(({ validFromMs, validUntilMs }) => [validFromMs, validUntilMs])
    .filter((turn) => fromMs < turn && turn < untilMs);
  const seen = new Map<string, Moment>();
  for (const moment of [...new Set([fromMs, ...turns])].sort((a, b) => a - b)) {
    const inForce = others.filter((other) => isInForce(other, moment));
    const key = inForce.map(({ definition }) => definition.id).join(' ');
    if (!seen.has(key)) seen.set(key, { moment, others: inForce });
  }
  return [...seen.values()];
}
