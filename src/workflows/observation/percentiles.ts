/** Of durations in milliseconds: half took at most `p50`, and so on. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The percentiles of a column as SQL; null when there are no rows. */
export const percentiles = (expression: string): string =>
  `percentile_cont(array[0.5, 0.95, 0.99]) within group (order by (${expression})::float8)`;

/** What that expression gave, to a tenth of a millisecond. */
export function percentilesOf(values: readonly number[] | null): Percentiles | null {
  if (!values) return null;
  const [p50 = 0, p95 = 0, p99 = 0] = values.map((value) => Math.round(value * 10) / 10);
  return { p50, p95, p99 };
}
