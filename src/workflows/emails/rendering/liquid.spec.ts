import { describe, expect, it, test } from '@jest/globals';
import { renderMail, sourceViolations } from './render-mail.js';

const render = (text: string, scope = {}) => renderMail({ subject: 's', body: null, text }, scope).text;
const faults = (text: string) => sourceViolations({ subject: 's', body: null, text });

describe('a template', () => {
  it.each([
    ['{{lead.contact.firstName}}', 'Ann'],
    ['{{ lead.tags.0 }} {{lead.tags[1]}} {{lead.tags | join: ", "}}', 'a b a, b'],
    ['{{missing}}{{lead.missing.deeper}}', ''],
    ['{{lead.contact}}', '{"firstName":"Ann"}'],
    ['{{lead.tags}}', '["a","b"]'],
    ['{{count}} {{flag}} {{nothing}}', '3 true '],
    ['{% for tag in lead.tags %}{{forloop.index}}{{tag}};{% endfor %}', '1a;2b;'],
    ['{% if lead.contact.firstName == "Ann" and count > 2 %}yes{% else %}no{% endif %}', 'yes'],
    ['{% assign x = count | plus: 1 %}{{x}}', '4'],
    ['{% raw %}{{ as it is }}{% endraw %}', '{{ as it is }}'],
    ['{{ missing | default: "friend" }}', 'friend'],
    ['{% capture x %}<{{count}}>{% endcapture %}{{ x | upcase }}', '<3>'],
    ['{{ "{%" }}', '{%'],
  ])('%s gives %j', (template, expected) => {
    const lead = { contact: { firstName: 'Ann' }, tags: ['a', 'b'] };
    expect(render(template, { lead, count: 3, flag: true, nothing: null })).toBe(expected);
  });

  it('reads own properties alone', () => {
    const scope = { a: {}, text: 'x' };
    const names = [
      'constructor',
      '__proto__',
      'toString',
      'a.constructor',
      'a.__proto__.x',
      'text.constructor',
      'a.hasOwnProperty',
    ];
    expect(names.map((name) => render(`{{${name}}}{{${name}.name}}`, scope))).toEqual(names.map(() => ''));
  });

  it('tells what it read and did not find', () => {
    const body = '{{lead.name}} {{lead.phone}} {{other}}{% for tag in lead.tags %}{{tag.label}}{% endfor %}';
    const scope = { lead: { name: 'Ann', tags: [{}] } };
    expect(renderMail({ subject: '{{lead.title}}', body, text: null }, scope).missing).toEqual([
      'lead.title',
      'lead.phone',
      'other',
      'tag.label',
    ]);
  });
});

test.each([
  ['Hello {{lead name}}', 'Line 1, column 7: a placeholder holds one name.'],
  ['Hello\n  {{', 'Line 2, column 3: output "{{" not closed.'],
  ['{{ }}', expect.stringContaining('Line 1, column')],
  ['{{ x | nonsense }}', 'Line 1, column 1: undefined filter: nonsense.'],
  ['{{ x | raw }}', 'Line 1, column 1: undefined filter: raw.'],
  ['a\n\n{% if x %}', expect.stringContaining('Line 3, column 1')],
  ['{% include "x" %}', 'Line 1, column 1: tag "include" not found.'],
  ['{% render "/etc/passwd" %}', expect.stringContaining('"render" not found')],
  ['{% layout "x" %}', expect.stringContaining('"layout" not found')],
  ['{% block x %}{% endblock %}', expect.stringContaining('"block" not found')],
  ['{% tablerow i in (1..3) %}{% endtablerow %}', expect.stringContaining('"tablerow" not found')],
  ['{{a}}'.repeat(1001), expect.stringContaining('more than 1000')],
])('%j is refused with the place of its fault', (template, message) => {
  expect(faults(template)).toEqual([{ pointer: '#/text', message }]);
});

const long = 'a'.repeat(100_000);
const items = Array.from({ length: 5_000 }, (_, index) => ({ name: `${long.slice(0, 50)}${index}` }));

describe('what takes too long', () => {
  it.each([
    ['an endless range', '{% for i in (1..1000000000) %}{{i}}{% endfor %}'],
    ['a range without an end', '{% for i in (1..far) %}{% endfor %}'],
    ['a huge loop of nothing', '{% for i in (1..1500000) %}{% endfor %}'],
    [
      'loops in loops',
      '{% for a in items %}{% for b in items %}{% for c in items %}{% endfor %}{% endfor %}{% endfor %}',
    ],
    ['a text that doubles', `{% assign x = "ab" %}${'{% assign x = x | append: x %}'.repeat(100)}{{x}}`],
    ['a list that doubles', `{% assign x = items %}${'{% assign x = x | concat: x %}'.repeat(100)}{{x.size}}`],
    ['a replacement that grows', `{{ long | replace: "a", long | replace: "a", long }}`],
    ['long comparisons', `{% if ${Array.from({ length: 900 }, () => 'long contains "ab"').join(' or ')} %}{% endif %}`],
    ['many filters', `{{ long${' | upcase | downcase'.repeat(500)} }}`],
    ['many sorts', `{{ items${' | sort: "name" | reverse'.repeat(500)} | size }}`],
    ['padding', '{{ "2026-01-01" | date: "%999999999Y" }}{% for i in (1..300000) %}{{ i }}{% endfor %}'],
    ['many formats', `{% for i in (1..9000) %}{{ 1 | money: "EUR", "de" }}{{ i | date: "%c" }}{{ x | y }}{% endfor %}`],
    ['too long a text', '{% for i in items %}{{ i.name }}{{ i.name }}{% endfor %}'],
    ['deep nesting', `${'{% for i in items %}'.repeat(450)}${'{% endfor %}'.repeat(450)}`],
  ])('%s ends soon, as invalid', (_, text) => {
    const start = process.cpuUsage();
    expect(() => render(text, { long, items, far: 1e308 })).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'unrenderable-template' }),
    );
    // Far beyond what it takes, and far below what it would without a limit; CPU of other threads counts as well.
    const { user } = process.cpuUsage(start);
    expect(user / 1000).toBeLessThan(2_000);
  });
});

it('counts work the same on every machine: so many steps and no more', () => {
  const loop = (times: number): string => `{% for i in (1..${times}) %}{% endfor %}`;
  expect(render(loop(19_000))).toBe('');
  expect(() => render(loop(21_000))).toThrow('takes more than 20000 steps');
});
