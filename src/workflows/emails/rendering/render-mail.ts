import { invalid, type Violation } from '../../../kernel/domain-error.js';
import type { JsonObject } from '../../../kernel/json.js';
import { parseTemplate, type Rendered, renderLiquid, TemplateFault } from './liquid.js';
import { escapeForMarkdown, htmlDocument, readableLength, toHtml } from './markdown.js';
import { toPlainText } from './plain-text.js';

/** RFC 5322 section 2.1.1: the longest line. */
export const MAX_SUBJECT = 998;
/** In characters, filled in; turning it into HTML takes the longer the longer it is. */
export const MAX_MARKDOWN = 20_000;
export const MAX_TEXT = 100_000;

/** What a mail is made from: a Liquid subject, and either a Markdown body or plain text, both with Liquid. */
export interface MailSource {
  readonly subject: string;
  /** Markdown; null for a mail in plain text. */
  readonly body: string | null;
  /** Plain text; null for a mail with a Markdown body. */
  readonly text: string | null;
}

/** A mail's content as it is sent. */
export interface MailContent {
  /** On one line, at most 998 characters. */
  readonly subject: string;
  /** The HTML part; null for a mail in plain text. */
  readonly html: string | null;
  readonly text: string;
}

/** A mail's content with the paths that its template read and did not find. */
export interface RenderedMail extends MailContent {
  readonly missing: readonly string[];
}

/** Everything that keeps a source from being saved, with the place in its text. */
export function sourceViolations(source: MailSource): readonly Violation[] {
  return (['subject', 'body', 'text'] as const).flatMap((member) => {
    const template = source[member];
    if (template === null) return [];
    try {
      parseTemplate(template);
      return [];
    } catch (error) {
      return [violationOf(member, error)];
    }
  });
}

/**
 * Fills a mail's source in. Values are text in every part, whatever they hold; the same source and values give the same mail
 * on every machine.
 * @throws invalid `unrenderable-template` with the place of the fault
 */
export function renderMail(source: MailSource, scope: JsonObject): RenderedMail {
  const subject = filledIn(source, 'subject', scope);
  const title = onOneLine(subject.text);
  if (source.body === null) {
    const text = filledIn(source, 'text', scope);
    return { subject: title, html: null, text: text.text, missing: union(subject, text) };
  }
  const body = filledIn(source, 'body', scope);
  const html = attempt('body', () => toHtml(body.text));
  const text = attempt('body', () => toPlainText(html));
  return { subject: title, html: htmlDocument(title, html), text, missing: union(subject, body) };
}

/** A header holds no line breaks or control characters, and no more characters than a line may. */
export const onOneLine = (text: string): string =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, MAX_SUBJECT)
    .toWellFormed();

const limits = { subject: MAX_TEXT, body: MAX_MARKDOWN, text: MAX_TEXT };
const asIs = (text: string): string => text;

type Member = keyof typeof limits;

const filledIn = (source: MailSource, member: Member, scope: JsonObject): Rendered =>
  attempt(member, () => {
    const rendered = renderLiquid(source[member] ?? '', scope, member === 'body' ? escapeForMarkdown : asIs);
    if (readableLength(rendered.text) <= limits[member]) return rendered;
    throw new TemplateFault(`more than ${limits[member]} characters when it is filled in`, 1, 1);
  });

function attempt<T>(member: Member, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const violation = violationOf(member, error);
    throw invalid('unrenderable-template', `${violation.pointer}: ${violation.message}`, { violations: [violation] });
  }
}

const violationOf = (member: Member, error: unknown): Violation => {
  const { message, line, column } =
    error instanceof TemplateFault ? error : new TemplateFault((error as Error).message, 1, 1);
  return { pointer: `#/${member}`, message: `Line ${line}, column ${column}: ${message}.` };
};

const union = (...parts: readonly Rendered[]): readonly string[] => [
  ...new Set(parts.flatMap(({ missing }) => missing)),
];
