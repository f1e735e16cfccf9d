import type { DomainError } from '../../kernel/domain-error.js';
import { malformed } from '../../kernel/domain-error.js';
import { isObject } from '../../kernel/json.js';
import { countMembers, findRepeatedMember, findSyntaxFault, type TextFault } from './json-text.js';

/** How deep objects and lists may stand in one another, the body itself being 1. */
const MAXIMUM_DEPTH = 64;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a JSON body. A byte order mark is skipped (RFC 8259, section 8.1); a member that stands twice is refused,
 * because readers disagree on which one counts (RFC 7493, section 2.3).
 * @throws malformed for what is no UTF-8, no JSON, no object, too deep, or holds what no field can take
 */
export function readJsonBody(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) throw malformed('empty-body', 'The body is empty; send a JSON object.');
  const text = decode(bytes);
  const body = parse(text);
  if (!isObject(body)) throw malformed('body-is-no-object', 'The body must be a JSON object, { … }.');
  // What could be wrong with a text stands in it escaped: without a backslash the texts need no look.
  const inspection = new Inspection(text.includes('\\') || text.includes('__proto__') || text.includes('prototype'));
  inspection.visit(body, 1);
  if (inspection.fault) throw faultAt(inspection.fault);
  if (inspection.members !== countMembers(text)) throw textFault('duplicate-member', text, findRepeatedMember(text));
  return body;
}

function decode(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed('body-is-no-utf-8', 'The body holds bytes that are no UTF-8; encode it as UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw textFault('body-is-no-json', text, findSyntaxFault(text));
  }
}

function textFault(code: string, text: string, fault: TextFault = { position: 0, message: '' }): DomainError {
  const before = text.slice(0, fault.position).split('\n');
  const line = before.length;
  const column = before.at(-1)!.length + 1;
  const what = code === 'duplicate-member' ? 'says something twice' : 'is no JSON';
  return malformed(code, `The body ${what}: ${fault.message}, at line ${line}, column ${column}.`, {
    position: fault.position,
    line,
    column,
  });
}

interface BodyFault {
  readonly code: string;
  readonly message: string;
  /** Keys and indexes from the body down to the fault; filled from its end. */
  readonly path: string[];
}

const faultAt = ({ code, message, path }: BodyFault): DomainError => {
  const pointer = pointerOf(path);
  return malformed(code, `The body is refused at ${pointer}: ${message}.`, { violations: [{ pointer, message }] });
};

/** A path of keys as a JSON pointer in a URI fragment: `#/company/name`. */
export const pointerOf = (path: readonly string[]): string =>
  `#${path.map((key) => `/${encodeURIComponent(key.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`;

/** One walk through a parsed body that stops at the first fault. */
class Inspection {
  members = 0;
  fault: BodyFault | undefined;

  constructor(private readonly looksAtTexts: boolean) {}

  /** Whether the value is in order. */
  visit(value: unknown, depth: number): boolean {
    if (typeof value === 'string') return !this.looksAtTexts || this.isText(value);
    if (typeof value === 'number')
      return Number.isFinite(value) || this.refuse('number-too-large', 'the number is too large');
    if (typeof value !== 'object' || value === null) return true;
    if (depth > MAXIMUM_DEPTH)
      return this.refuse('too-deep', `more than ${MAXIMUM_DEPTH} objects and lists stand in one another`);
    return Array.isArray(value)
      ? this.visitList(value, depth)
      : this.visitObject(value as Record<string, unknown>, depth);
  }

  private visitList(list: readonly unknown[], depth: number): boolean {
    for (let index = 0; index < list.length; index++) {
      if (!this.visit(list[index], depth + 1)) return this.at(String(index));
    }
    return true;
  }

  private visitObject(object: Record<string, unknown>, depth: number): boolean {
    for (const key of Object.keys(object)) {
      this.members += 1;
      const member = object[key];
      if (this.looksAtTexts && !(this.isText(key) && this.isHarmless(key, member))) return this.at(key);
      if (!this.visit(member, depth + 1)) return this.at(key);
    }
    return true;
  }

  private isText(text: string): boolean {
    if (text.includes('\0')) return this.refuse('nul-character', 'a text must not hold the character NUL');
    return text.isWellFormed() || this.refuse('lone-surrogate', 'a text holds half of a surrogate pair');
  }

  /** Keys that reach an object's prototype when somebody copies them carelessly. */
  private isHarmless(key: string, member: unknown): boolean {
    const reachesPrototype =
      key === '__proto__' || (key === 'constructor' && isObject(member) && Object.hasOwn(member, 'prototype'));
    return !reachesPrototype || this.refuse('forbidden-member', "this member could change an object's prototype");
  }

  private refuse(code: string, message: string): false {
    this.fault = { code, message, path: [] };
    return false;
  }

  private at(key: string): false {
    this.fault?.path.unshift(key);
    return false;
  }
}
