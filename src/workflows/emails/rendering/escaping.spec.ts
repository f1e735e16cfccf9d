import { describe, expect, it, test } from '@jest/globals';
import { hostileMailValues } from '../../../../test/corpus/hostile-mail-values.js';
import { renderMail } from './render-mail.js';

const TAG = /<[^>]*>/g;

/** Each place of Markdown that a value may stand in. */
const places: readonly [string, string][] = [
  ['a paragraph', 'Hello {{v}}, welcome'],
  ['a line of its own', 'Hello\n\n{{v}}\n\nBye'],
  ['a heading', '## About {{v}}'],
  ['a list', '- one\n- {{v}}\n- three'],
  ['a quote', '> {{v}}'],
  ['emphasis', 'Hello **x{{v}}x** there'],
  ['the text of a link', '[to {{v}} now](https://our.example)'],
  ['the title of a link', '[a](https://our.example "{{v}}")'],
  ['the path of a link', '[a](https://our.example/?name={{v}})'],
  ['the text of an image', '![{{v}}](https://our.example/a.png)'],
  ['a table', '| a | b |\n|---|---|\n| {{v}} | 2 |'],
  ['code', 'Your code: `x{{v}}x`'],
  ['fenced code', '```\n{{v}}\n```\n'],
  ['capture', '{% capture c %}{{v}}{% endcapture %}Hello {{c}}!'],
  ['echo and cycle', '{% echo v %} {% cycle v %}'],
];

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
const unescaped = (html: string): string => html.replace(/&(amp|lt|gt|quot);/g, (_, name: string) => entities[name]!);
const bodyOf = (html: string | null): string => html!.split(/<body[^>]*>\n/)[1]!.split('</body>')[0]!;
/** Tags with their attributes; where a value stands within one, whether its text does. */
const tagsOf = (html: string): string[] =>
  (html.match(TAG) ?? []).filter((tag) => tag !== '<br>').map((tag) => tag.replace(/"[^"]*"/g, '""'));
const hrefsOf = (html: string): string[] => [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, href]) => href!);
/** As a browser shows it: spaces run together, and what is no character of HTML is replaced. */
const shown = (text: string): string =>
  text
    .replace(/[\s\p{Cc}\ufffd]+/gu, ' ')
    .toWellFormed()
    .replaceAll('\ufffd', ' ')
    .replace(/\s+/g, ' ')
    .trim();

describe.each(places)('a hostile value in %s', (name, body) => {
  const render = (v: string) => renderMail({ subject: 's', body, text: null }, { v, secret: 'S3CRET' });
  const harmless = bodyOf(render('Ann').html);

  it.each(hostileMailValues)('stays text: %j', (value) => {
    const { html, text } = render(value);
    const body = bodyOf(html);
    expect(tagsOf(body)).toEqual(tagsOf(harmless));
    for (const href of hrefsOf(body)) expect(href).toMatch(/^https:\/\/our\.example/);
    expect(html).not.toContain('S3CRET');
    expect(text).not.toContain('S3CRET');
    if (/link|image/.test(name)) return;
    const seen = shown(unescaped(body.replace(TAG, ' ')));
    expect(seen).toContain(shown(value));
  });
});

test.each(hostileMailValues)('a hostile value stays one line of a subject, and itself: %j', (value) => {
  const { subject, text } = renderMail({ subject: 'Hi {{v}}!', body: null, text: '{{v}}' }, { v: value, secret: 'S' });
  expect([...subject].filter((character) => character < ' ' || '\u2028\u2029'.includes(character))).toEqual([]);
  expect(shown(subject)).toBe(shown(`Hi ${value}!`));
  expect(text).toBe(value);
});

test('a link that a value brings leads to the web or nowhere', () => {
  const link = (v: string): string => bodyOf(renderMail({ subject: 's', body: '[a]({{v}})', text: null }, { v }).html);
  expect(link('https://shop.example/a_b?c=1&d=2*3')).toBe(
    '<p><a href="https://shop.example/a_b?c=1&amp;d=2*3">a</a></p>\n',
  );
  expect(link('mailto:ann@example.com')).toContain('href="mailto:ann@example.com"');
  for (const evil of [
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    '//evil',
    '\u0001javascript:x',
    'java\nscript:x',
  ]) {
    expect(link(evil)).not.toContain('href');
  }
});
