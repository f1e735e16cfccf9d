import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import { subsetsOf } from './subsets.js';
import { neighboursInTime } from './dates.js';
import { numbersFor } from './numbers.js';
import { textBetween, textFromPattern } from './text-between.js';
import type { Uses } from './uses.js';

/** Texts to try. */
export interface Texts {
  readonly values: readonly string[];
  /** Whether every kind of text that the schema lets stand is among them. */
  readonly isComplete: boolean;
}

const formatSamples: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  time: '12:00:00Z',
  'date-time': '2026-01-01T12:00:00Z',
  email: 'someone@example.com',
  uri: 'https://example.com/',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/** A text that a schema lets stand, as far as its plain keywords tell. */
export function sampleText({ minLength, format, pattern }: JsonObject): string {
  if (typeof format === 'string') return formatSamples[format] ?? '';
  if (typeof pattern === 'string') return textFromPattern(pattern) ?? '';
  return 'a'.repeat(typeof minLength === 'number' ? Math.min(minLength, 1_000) : 0);
}

const isText = (value: JsonValue): value is string => typeof value === 'string';

/** The text that comes next behind all that begin with a prefix. */
function behindPrefix(prefix: string): readonly string[] {
  const last = prefix.charCodeAt(prefix.length - 1);
  return prefix === '' || last >= 0xd7ff ? [] : [prefix.slice(0, -1) + String.fromCharCode(last + 1)];
}

export function textsFor(uses: Uses, schema: JsonObject): Texts {
  const written = [...uses.ordered, ...uses.equal].filter(isText);
  const points = ['', ...written, ...uses.prefixes, ...uses.prefixes.flatMap(behindPrefix)];
  const sorted = [...new Set(points)].sort();
  const limits = { shortest: limit(schema.minLength, 0), longest: limit(schema.maxLength, Infinity) };
  const between = sorted.flatMap((point, i) => textBetween(point, sorted[i + 1], limits));
  const needles = [...new Set(uses.needles.filter(isText))];
  const values = [
    ...points,
    ...between,
    ...asNumbers(uses, written),
    ...holding(needles, points),
    ...formatted(schema, written),
    ...uses.surroundings.flatMap((text) => [text, ...text.split(/[\s,;|]+/), ...text.slice(0, 1)]),
  ];
  return { values: [...new Set(values)], isComplete: isComplete(uses, schema, needles) };
}

const limit = (value: JsonValue | undefined, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

const isNumeric = (value: JsonValue): boolean => typeof value === 'number' || typeof value === 'boolean';

/** Texts that read as numbers, for comparisons that coerce them; spelt otherwise where a text is compared as such. */
function asNumbers(uses: Uses, written: readonly string[]): readonly string[] {
  if (!uses.ordered.some((value) => isNumeric(value) || value === null)) return [];
  return numbersFor(uses, {}).values.map((number) => {
    let text = String(number);
    while (written.includes(text)) text = ` ${text}`;
    return text;
  });
}

/** Texts that hold exactly some of the needles, unless one needle lies inside of another. */
function holding(needles: readonly string[], points: readonly string[]): readonly string[] {
  const separator =
    [' ', ',', '|', '\u0001'].find((one) => !needles.some((needle) => needle.includes(one))) ?? '\u0002';
  return subsetsOf(needles).map((subset) => {
    let text = subset.join(separator);
    while (points.includes(text)) text += separator;
    return text;
  });
}

function formatted({ format, pattern }: JsonObject, written: readonly string[]): readonly string[] {
  const fromPattern = typeof pattern === 'string' ? textFromPattern(pattern) : undefined;
  return [
    ...(typeof format === 'string' && formatSamples[format] !== undefined ? [formatSamples[format]] : []),
    ...(fromPattern === undefined ? [] : [fromPattern]),
    ...written.flatMap(neighboursInTime),
  ];
}

/** What is asked about texts can be told from the texts that are made here. */
function isComplete(uses: Uses, schema: JsonObject, needles: readonly string[]): boolean {
  if (['pattern', 'format'].some((keyword) => schema[keyword] !== undefined)) return false;
  const isLimited = ['minLength', 'maxLength'].some((keyword) => schema[keyword] !== undefined);
  const isCoerced = uses.ordered.some((value) => isNumeric(value) || value === null);
  const isPlaced = uses.prefixes.length > 0 || uses.ordered.some(isText);
  const isSought = needles.length > 0;
  // Of these three ways to ask each is understood alone, not together with another.
  const ways = [isCoerced, isPlaced, isSought].filter(Boolean).length;
  return uses.surroundings.length === 0 && ways <= 1 && isMakeable(needles, isLimited && (isCoerced || isSought));
}

const isMakeable = (needles: readonly string[], isLimited: boolean): boolean => needles.length <= 6 && !isLimited;
