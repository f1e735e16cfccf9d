import { malformed } from '../../kernel/domain-error.js';

const DAY_MS = 86_400_000;
const DEFAULT_MS = DAY_MS;
const MAX_MS = 90 * DAY_MS;
const MAX_BUCKETS = 120;
const BUCKET_SECONDS = [60, 300, 900, 3_600, 21_600, 86_400];

/** A span of time in equal parts. */
export interface MetricsRange {
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** Length of a part; the last one may be cut short. */
  readonly bucketSeconds: number;
}

/** What was asked for, ISO 8601: `to` is the present when absent, `from` a day before it. */
export interface AskedRange {
  readonly from?: string;
  readonly to?: string;
}

/** The span that was asked for, in at most 120 parts. @throws malformed `bad-range`: turned round, or over 90 days */
export function metricsRange({ from, to }: AskedRange, now: Date): MetricsRange {
  const end = to === undefined ? now : new Date(to);
  const start = from === undefined ? new Date(end.getTime() - DEFAULT_MS) : new Date(from);
  const lengthMs = end.getTime() - start.getTime();
  if (!(lengthMs > 0 && lengthMs <= MAX_MS)) throw badRange('from', 'from must lie before to, by 90 days at most.');
  if (end.getTime() > now.getTime() + DAY_MS) throw badRange('to', 'to must not lie in the future.');
  if (start.getTime() < 0) throw badRange('from', 'from must not lie before 1970.');
  const seconds = lengthMs / 1000;
  const bucketSeconds = BUCKET_SECONDS.find((width) => seconds / width <= MAX_BUCKETS)!;
  return { from: start, to: end, bucketSeconds };
}

/** How many parts it has. */
export const bucketCount = ({ from, to, bucketSeconds }: MetricsRange): number =>
  Math.ceil((to.getTime() - from.getTime()) / 1000 / bucketSeconds);

const badRange = (parameter: string, message: string): Error => malformed('bad-range', message, { parameter });
