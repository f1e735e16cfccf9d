import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../../test/support/property-runs.js';
import type { JsonValue } from '../../kernel/json.js';
import { createActionRegistry } from './action-types.js';
import { decide } from './decide.js';
import { operatorTable } from './operators/operator-table.js';
import { compileRuleSet } from './rule-set.js';

const facts = {
  now: '2026-11-22T09:30:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u', role: 'owner', permissions: [] },
};
const schema = { type: 'object', properties: { to: { type: 'object', additionalProperties: { type: 'number' } } } };
const actionTypes = createActionRegistry([{ type: 'note', parametersSchema: schema }]);
const rest = { version: 1, name: 'Rule', priority: 0, createdAt: facts.now, enabled: true, stopOnMatch: false };
const failing = (condition: JsonValue, parameters = {}) =>
  compileRuleSet([{ ...rest, id: 'r', condition, actions: [{ type: 'note', parameters }] }], {
    actionTypes,
    failurePolicy: 'fail_open',
  });

describe('what failing rules say', () => {
  it('quotes nothing of the context, whatever fails over whatever stands there', () => {
    const secret = fc.constantFrom<JsonValue>(
      'very-secret',
      ['very-secret'],
      { 'very-secret': 1 },
      { type: 'very-secret' },
    );
    const operand = fc.constantFrom<JsonValue>({ var: 'a' }, { var: 'b' }, 1, { '+': [{ var: 'a' }] });
    const operators = fc.constantFrom(...Object.keys(operatorTable));
    const context = fc.record({ a: secret, b: secret });
    const told = new Set<string>();
    fc.assert(
      fc.property(operators, fc.array(operand, { maxLength: 3 }), context, (operator, operands, data) => {
        const { errors } = decide(failing({ [operator]: operands }), data, facts);
        for (const { code, message } of errors) {
          told.add(code);
          expect(message).not.toContain('very-secret');
        }
      }),
      { numRuns: propertyRuns(3_000) },
    );
    expect([...told]).toEqual(expect.arrayContaining(['not-a-number', 'invalid-date', 'invalid-arguments', 'thrown']));
  });

  it('names a parameter that does not fit by the author’s words alone', () => {
    const { errors } = decide(failing({ '==': [1, 1] }, { to: '{{a}}' }), { a: { 'very-secret': 'x' } }, facts);
    expect(errors).toMatchObject([
      { code: 'invalid-parameters', message: 'r: The parameter to of note must be number.' },
    ]);
  });

  it('of a fault of the engine itself tells only its kind, and no place in the condition', () => {
    const resolve = () => {
      throw new TypeError('very-secret');
    };
    const faulty = createActionRegistry([{ type: 'note', parametersSchema: { type: 'object' }, resolve }]);
    const rule = { ...rest, id: 'r', condition: true, actions: [{ type: 'note', parameters: {} }] };
    const { errors } = decide(compileRuleSet([rule], { actionTypes: faulty, failurePolicy: 'fail_open' }), {}, facts);
    const message = 'r: The rule made the engine fail (TypeError).';
    expect(errors).toStrictEqual([{ ruleId: 'r', ruleName: 'Rule', code: 'internal-error', message }]);
  });

  it('tells what an author wrote behind throw, and only the kind of what was computed', () => {
    const thrown = (what: JsonValue) =>
      decide(failing({ throw: [what] }), { a: 'very-secret' }, facts).errors[0]!.message;
    expect(thrown('too-small')).toBe('r: The rule threw "too-small".');
    expect(thrown({ var: 'a' })).toBe('r: The rule threw a text.');
  });
});
