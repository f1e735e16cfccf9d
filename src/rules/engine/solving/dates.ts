const DAY_MS = 86_400_000;

/** The dates one day before and after a date or an instant, written as it is; none for other text. */
export function neighboursInTime(text: string): readonly string[] {
  if (!/^\d{4}-\d{2}-\d{2}(T|$)/.test(text)) return [];
  const time = Date.parse(text);
  if (Number.isNaN(time)) return [];
  const isDate = !text.includes('T');
  return [time - DAY_MS, time + DAY_MS]
    .map((moment) => new Date(moment).toISOString())
    .map((instant) => (isDate ? instant.slice(0, 10) : instant));
}
