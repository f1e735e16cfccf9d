/** How many characters a text may have, both inclusive. */
export interface LengthLimits {
  readonly shortest: number;
  readonly longest: number;
}

const PADS = ['a', '0', ' ', '\u0001'];
const PATTERN_LENGTH_LIMIT = 200;

/**
 * A text behind one and before another (UTF-16 code units), plain when there is such a one; none when there is none at
 * all. Texts that hold the character NUL are left out, since no context can bring one.
 */
export function textBetween(low: string, high: string | undefined, limits: LengthLimits): readonly string[] {
  const isBetween = (text: string): boolean =>
    text > low && (high === undefined || text < high) && [...text].length >= limits.shortest && isShort(text, limits);
  const found = behind(low, limits)
    .flatMap((text) => PADS.map((pad) => text.padEnd(Math.min(limits.shortest, 10_000), pad)))
    .find(isBetween);
  return found === undefined ? [] : [found];
}

const isShort = (text: string, { longest }: LengthLimits): boolean => [...text].length <= longest;

/** Texts behind another, from plain ones to the very next, then shorter ones. */
function behind(low: string, { longest }: LengthLimits): readonly string[] {
  const extended = PADS.map((pad) => low + pad);
  const cut = low.slice(0, Math.min(low.length, longest));
  const raised = [...cut].flatMap((_, i) => next(cut.slice(0, cut.length - i)));
  return [...extended, ...raised];
}

/** The text with its last character raised by one. */
function next(text: string): readonly string[] {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd7ff ? [] : [text.slice(0, -1) + String.fromCharCode(last + 1)];
}

const classSamples: Readonly<Record<string, string>> = { d: '0', w: 'a', s: ' ', D: 'a', W: ' ', S: 'a' };
const TOKEN = /\\(.)|\[([^\]\\^-])[^\]]*\]|(\.)|([^\\[\](){}|*+?^$])/;
const QUANTIFIER = /\{(\d+)(?:,\d*)?\}|([*?+])/;

/** A text for a pattern that is a plain row of characters, classes and counts; undefined for any other. */
export function textFromPattern(pattern: string): string | undefined {
  const row = pattern.replace(/^\^/, '').replace(/\$$/, '');
  const step = new RegExp(`(?:${TOKEN.source})(?:${QUANTIFIER.source})?`, 'y');
  let text = '';
  while (step.lastIndex < row.length) {
    const found = step.exec(row);
    if (!found || text.length > PATTERN_LENGTH_LIMIT) return undefined;
    text += sampleToken(found).repeat(countOf(found));
  }
  return text;
}

function sampleToken([, escaped, inClass, any, plain]: RegExpExecArray): string {
  if (escaped !== undefined) return classSamples[escaped] ?? escaped;
  return inClass ?? (any === undefined ? (plain ?? '') : 'a');
}

function countOf([, , , , , exact, sign]: RegExpExecArray): number {
  if (exact !== undefined) return Math.min(Number(exact), PATTERN_LENGTH_LIMIT);
  return sign === '*' || sign === '?' ? 0 : 1;
}
