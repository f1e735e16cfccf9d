import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../kernel/json.js';
import { parseJsonLogic } from './json-logic.js';

const parse = (logic: JsonValue) => parseJsonLogic(logic, new Map([['known', () => null]]), '#/condition');

describe('the internal form', () => {
  it.each<[JsonValue]>([[null], [5], ['x'], [{}], [[]], [[1, ['x', {}]]]])('of data is the data: %j', (logic) => {
    expect(parse(logic)).toEqual({ expression: { kind: 'literal', value: logic }, nodeCount: 0, problems: [] });
  });

  it('numbers operations from the outside in and from left to right, each with its place', () => {
    const { expression, nodeCount } = parse([1, { '==': [{ var: 'a' }, { '!': true }] }, { preserve: [{ var: 'a' }] }]);
    expect(nodeCount).toBe(4);
    const literal = (value: JsonValue) => ({ kind: 'literal', value });
    const at = (pointer: string) => ({ kind: 'operation', pointer: `#/condition/${pointer}` });
    expect(expression).toMatchObject({
      kind: 'list',
      items: [
        literal(1),
        {
          ...at('1/=='),
          ...{ node: 0, name: '==', isList: true },
          args: [
            { ...at('1/==/0/var'), node: 1, isList: false, args: [literal('a')] },
            { ...at('1/==/1/!'), node: 2, isList: false, args: [literal(true)] },
          ],
        },
        { ...at('2/preserve'), node: 3, isList: false, args: [literal([{ var: 'a' }])] },
      ],
    });
  });
});

describe('refusals', () => {
  const severalKeys = 'An object with several keys is no operation; as data it stands below {"preserve": …}.';
  it.each<[JsonValue, string, string]>([
    [{ a: 1, b: 2 }, '#/condition', severalKeys],
    [{ '!': { a: 1, b: 2 } }, '#/condition/!', severalKeys],
    [{ nope: 1 }, '#/condition/nope', 'There is no operator "nope".'],
    [{ fn: ['gone'] }, '#/condition/fn', 'There is no function "gone"; fn needs the name of one.'],
    [{ fn: [] }, '#/condition/fn', 'There is no function null; fn needs the name of one.'],
    [{ fn: [{ var: 'x' }] }, '#/condition/fn', 'There is no function null; fn needs the name of one.'],
    [{ fn: 5 }, '#/condition/fn', 'There is no function 5; fn needs the name of one.'],
  ])('%j at %s: %s', (logic, pointer, message) => {
    expect(parse(logic).problems.map((problem) => [problem.pointer, problem.message])).toEqual([[pointer, message]]);
  });

  it.each(['list', 'operation'])('nesting of a %s ends at 256', (kind) => {
    const nested = (depth: number) => {
      let logic: JsonValue = kind === 'list' ? [] : { var: '' };
      for (let i = 0; i < depth; i++) logic = kind === 'list' ? [logic] : { '!': [logic] };
      return parse(logic).problems.map(({ code, message }) => [code, message]);
    };
    expect(nested(256)).toEqual([]);
    expect(nested(257)).toEqual([['too-deep', 'The expression is nested too deeply.']]);
  });

  it('a function that is known is none', () => expect(parse({ fn: 'known' }).problems).toEqual([]));
});
