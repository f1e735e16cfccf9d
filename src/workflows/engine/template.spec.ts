import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { placeholdersOf, renderValue } from './template.js';

const scope: JsonObject = {
  variables: { lead: { name: 'Ada', tags: ['hot', 'new'], score: 85, company: null } },
  steps: { check: { result: true } },
  execution: { id: 'e1' },
};

describe('renderValue', () => {
  it.each<[JsonValue, JsonValue]>([
    ['{{variables.lead.score}}', 85],
    ['{{ steps.check.result }}', true],
    ['{{variables.lead.tags}}', ['hot', 'new']],
    ['{{variables.lead.tags.1}}', 'new'],
    ['Hello {{variables.lead.name}} ({{variables.lead.score}})', 'Hello Ada (85)'],
    ['[{{variables.lead.tags}}]', '[["hot","new"]]'],
    ['{{variables.lead.missing.deeper}}', null],
    ['<{{variables.lead.missing}}{{variables.lead.company}}>', '<>'],
    ['{{variables.lead.name}}{{variables.lead.name}}', 'AdaAda'],
    ['no { braces } here', 'no { braces } here'],
    ['{"score":{{variables.lead.score}}}', '{"score":85}'],
    [
      { a: ['{{execution.id}}', 1, null], b: { c: false } },
      { a: ['e1', 1, null], b: { c: false } },
    ],
  ])('%j gives %j', (value, expected) => {
    expect(renderValue(value, scope)).toEqual(expected);
  });

  it('reads own properties only', () => {
    for (const path of ['constructor', 'variables.__proto__', 'toString.name', 'variables.lead.name.length']) {
      expect(renderValue(`{{${path}}}`, scope)).toBeNull();
    }
    const hostile = JSON.parse('{"__proto__": {"polluted": "{{execution.id}}"}}') as JsonObject;
    const rendered = renderValue(hostile, scope);
    expect(Object.hasOwn(rendered as object, '__proto__')).toBe(true);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('does not fill in what was filled in', () => {
    expect(renderValue('{{a}} {{b}}', { a: '{{b}}', b: 'x' })).toBe('{{b}} x');
  });

  it('leaves values without placeholders as they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('{{'));
        expect(renderValue(value as JsonValue, scope)).toEqual(value);
      }),
    );
  });
});

describe('placeholdersOf', () => {
  it('finds each with its place and its path', () => {
    expect(placeholdersOf({ to: 'Hi {{ a.b }}', list: [1, '{{c}}-{{d-1.$e}}'] })).toEqual([
      { place: ['to'], text: '{{ a.b }}', path: ['a', 'b'] },
      { place: ['list', 1], text: '{{c}}', path: ['c'] },
      { place: ['list', 1], text: '{{d-1.$e}}', path: ['d-1', '$e'] },
    ]);
  });

  it.each(['{{}}', '{{a b}}', '{{a..b}}', '{{.a}}', '{{a', 'x {{ {{a}} y', '{{a}} {{', '{{a | upper}}'])(
    'finds that %s is malformed',
    (text) => {
      expect(placeholdersOf(text).some((placeholder) => placeholder.path === undefined)).toBe(true);
    },
  );

  it('takes linear time over braces without end', () => {
    const started = performance.now();
    placeholdersOf('{{a'.repeat(200_000));
    placeholdersOf(`{{${'a'.repeat(600_000)}`);
    placeholdersOf(`{{${'a.'.repeat(300_000)}}}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
