/** A place in a text, counted from 0, and what is wrong there. */
export interface TextFault {
  readonly position: number;
  readonly message: string;
}

/** How many members the objects of a valid JSON text hold together, doubles included. */
export function countMembers(text: string): number {
  let members = 0;
  for (let start = text.indexOf('"'); start !== -1;) {
    const end = endOfString(text, start);
    if (isKey(text, end)) members += 1;
    start = text.indexOf('"', end + 1);
  }
  return members;
}

/** The first member that stands a second time in its object. The text must be valid JSON. */
export function findRepeatedMember(text: string): TextFault | undefined {
  const open: Set<string>[] = [];
  for (let position = 0; position < text.length; position++) {
    const character = text[position];
    if (character === '{') open.push(new Set());
    if (character === '}') open.pop();
    if (character !== '"') continue;
    const end = endOfString(text, position);
    const members = open.at(-1);
    if (members && isKey(text, end)) {
      const key = JSON.parse(text.slice(position, end + 1)) as string;
      if (members.has(key)) return { position, message: `${JSON.stringify(key)} stands twice` };
      members.add(key);
    }
    position = end;
  }
  return undefined;
}

/** The closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, position: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(position - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function isKey(text: string, endOfString: number): boolean {
  let next = endOfString + 1;
  // Outside of its strings a valid text holds no other character below the space than white space.
  while (text.charCodeAt(next) <= SPACE) next += 1;
  return text.charCodeAt(next) === COLON;
}

const SPACE = 0x20;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

const WHITE_SPACE = ' \t\n\r';

/** One token of RFC 8259: a string, a number, a word or a mark. */
const TOKEN =
  /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[ !#-[\]-\uffff]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[Ee][+-]?\d+)?|true|false|null|[{}[\],:]/y;

/** What may come next, in words, and the tokens that it is: marks as they are, `s` a string, `v` a number or word. */
const grammar = {
  'a value': '{[sv',
  'a value or "]"': '{[sv]',
  'a key in quotes': 's',
  'a key in quotes or "}"': 's}',
  '":"': ':',
  '"," or "}"': ',}',
  '"," or "]"': ',]',
  'the end of the text': '',
} as const;

type Expectation = keyof typeof grammar;

/** Where a text stops being JSON. The engine's own message does not always tell the place. */
export function findSyntaxFault(text: string): TextFault | undefined {
  const open: (keyof typeof inside)[] = [];
  let expected: Expectation = 'a value';
  let position = skipWhiteSpace(text, 0);
  while (position < text.length) {
    TOKEN.lastIndex = position;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined || !grammar[expected].includes(kindOf(token))) {
      return { position, message: `${expected} is expected here` };
    }
    expected = follow(kindOf(token), expected, open);
    position = skipWhiteSpace(text, TOKEN.lastIndex);
  }
  if (expected === 'the end of the text') return undefined;
  return { position, message: `the text ends where ${expected} is expected` };
}

function skipWhiteSpace(text: string, position: number): number {
  let next = position;
  while (next < text.length && WHITE_SPACE.includes(text[next]!)) next += 1;
  return next;
}

function kindOf(token: string): string {
  if (token.startsWith('"')) return 's';
  return '{}[],:'.includes(token) ? token : 'v';
}

/** What comes in an object and in a list: at once, after a comma, and after something that stands there. */
const inside = {
  '{': { first: 'a key in quotes or "}"', next: 'a key in quotes', more: '"," or "}"' },
  '[': { first: 'a value or "]"', next: 'a value', more: '"," or "]"' },
} as const;

/** What may come after a token that may come. `open` holds the brackets that are open, and is kept. */
function follow(kind: string, expected: Expectation, open: (keyof typeof inside)[]): Expectation {
  if (kind === ':') return 'a value';
  if (kind === 's' && expected.startsWith('a key')) return '":"';
  if (kind === '}' || kind === ']') open.pop();
  if (kind === '{' || kind === '[') {
    open.push(kind);
    return inside[kind].first;
  }
  const bracket = open.at(-1);
  if (bracket === undefined) return 'the end of the text';
  return kind === ',' ? inside[bracket].next : inside[bracket].more;
}
