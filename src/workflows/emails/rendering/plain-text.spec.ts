import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_MARKDOWN, renderMail } from './render-mail.js';

const render = (body: string) => renderMail({ subject: 's', body, text: null }, {});

const word = fc.constantFrom('soup', 'oven', 'a price', 'Ünïcode', '日本語', '2 of 3');
const inline = fc.oneof(
  word,
  ...['**', '_', '`', '~~'].map((mark) => word.map((text) => `${mark}${text}${mark}`)),
  word.map((text) => `[${text}](https://our.example/${encodeURIComponent(text)})`),
  word.map((text) => `![${text}](https://our.example/a.png)`),
);
const line = fc.array(inline, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' '));
const lines = (prefix: string) =>
  fc.array(line, { minLength: 1, maxLength: 3 }).map((all) => all.map((text) => prefix + text).join('\n'));
const block = fc.oneof(
  line,
  fc.tuple(fc.integer({ min: 1, max: 6 }), line).map(([level, text]) => `${'#'.repeat(level)} ${text}`),
  ...['- ', '1. ', '> ', '> - ', '    '].map(lines),
  fc.tuple(line, line).map(([one, other]) => `| a | b |\n|---|---|\n| ${one} | ${other} |`),
  line.map((text) => `\`\`\`\n${text}\n\`\`\``),
  fc.constant('---'),
);
const markdown = fc.array(block, { minLength: 1, maxLength: 6 }).map((blocks) => blocks.join('\n\n'));
const WORDS = /soup|oven|a price|Ünïcode|日本語|2 of 3/g;

describe('the text part', () => {
  it('holds no tag and no entity of any body, and the words of each', () => {
    fc.assert(
      fc.property(markdown, (body) => {
        const { html, text } = render(body);
        expect(html).toMatch(/<(p|h\d|ul|ol|blockquote|pre|table|hr)>/);
        expect(text).not.toMatch(/<\/?[a-z!]|&(amp|lt|gt|quot|nbsp|#\d+);/);
        const written = body.replace(/!?\[[^\]]*\]\([^)]*\)/g, '');
        const seen = text.replace(/\s+/g, ' ');
        for (const found of new Set(written.match(WORDS))) expect(seen).toContain(found);
      }),
      { numRuns: 100 },
    );
  });

  it('says where links lead, and what tables and lists hold', () => {
    const body =
      '# Hi *you*\n\nSee [our page](https://our.example/?a=1&b=2).\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |';
    expect(render(body).text).toBe(
      ['Hi you', '', 'See our page (https://our.example/?a=1&b=2).', '', ' * one', ' * two', '', 'a   b', '1   2'].join(
        '\n',
      ),
    );
  });
});

const of = (length: number, text: string): string => text.repeat(Math.floor(length / text.length));

it.each([
  ...[
    '[',
    '![',
    '*a ',
    '_a__b ',
    '* a\n',
    '[a](b',
    '**a *b ',
    '~~a ',
    'a\n',
    '&',
    '\\',
    '`',
    '> ',
    '*_',
    '|a|b|\n',
    '*a_b',
    '- \n',
    '<a',
    '[a]: b\n',
  ].map((text) => [text, of(MAX_MARKDOWN, text)] as const),
  ['a table', `|a|b|\n|-|-|\n${of(MAX_MARKDOWN - 20, '|a|b|\n')}`],
  ['a wide table', `|a|b|\n|-|-|\n|${of(6_000, 'a ')}|b|\n${of(MAX_MARKDOWN - 6_100, '|a|b|\n')}`],
  ['nested', `${of(MAX_MARKDOWN / 2, '*')}a${of(MAX_MARKDOWN / 2, '*')}`],
  ['nested links', `${of(MAX_MARKDOWN / 2, '[a')}${of(MAX_MARKDOWN / 2, ']')}`],
])('the longest body of %j is soon done, and its text is no flood', (_, body) => {
  const start = process.threadCpuUsage();
  let length = 0;
  try {
    length = render(body).text.length;
  } catch (error) {
    expect(error).toMatchObject({ code: 'unrenderable-template' });
  }
  const { user } = process.threadCpuUsage(start);
  expect(length).toBeLessThan(1_000_000);
  expect(user / 1000).toBeLessThan(250);
});
