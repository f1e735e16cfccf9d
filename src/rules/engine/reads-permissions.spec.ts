import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../../test/support/property-runs.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { createActionRegistry } from './action-types.js';
import { decide } from './decide.js';
import type { Facts } from './facts.js';
import { compileRuleSet } from './rule-set.js';

const actionTypes = createActionRegistry();
const setOf = (condition: JsonValue, value: JsonValue = 1) =>
  compileRuleSet(
    [
      {
        id: 'r',
        version: 1,
        name: 'Rule',
        priority: 0,
        createdAt: '2026-01-01T00:00:00.000Z',
        enabled: true,
        stopOnMatch: false,
        condition,
        actions: [{ type: 'set_field', parameters: { field: 'a', value } }],
      },
    ],
    { actionTypes, failurePolicy: 'fail_open' },
  );
const facts = (permissions: readonly string[]): Facts => ({
  now: '2026-03-01T00:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u', role: 'owner', permissions },
});

describe('a set of rules', () => {
  it.each<[string, JsonValue, JsonValue?]>([
    ['a path', { in: ['rules:read', { var: '$user.permissions' }] }],
    ['the whole user', { '!!': { var: '$user' } }],
    ['keys', { in: ['rules:read', { val: ['$user', 'permissions'] }] }],
    ['an iterator', { some: [{ val: ['$user', 'permissions'] }, { '===': [{ val: [] }, 'rules:read'] }] }],
    ['a question', { missing: ['$user.permissions.0'] }],
    ['a computed path', { var: { cat: ['$us', 'er.permissions'] } }],
    ['computed keys', { exists: [{ cat: ['$us', 'er'] }, 'permissions'] }],
    ['a list of keys', { missing: [['a', '$user.permissions.0']] }],
    ['a list of values', { in: ['x', [1, { var: '$user.permissions' }]] }],
    ['an action', true, '{{$user.permissions}}'],
    ['a part of an action', true, { all: ['as {{ $user }}'] }],
  ])('is known to look at permissions by %s', (_, condition, value = 1) => {
    expect(setOf(condition, value).readsPermissions).toBe(true);
  });

  it.each<[string, JsonValue, JsonValue?]>([
    ['other paths', { '===': [{ var: 'permissions' }, '$user'.slice(1)] }],
    ['a list', { in: ['x', [1, null, { var: '$user.role' }]] }],
    ['who the user is', { '===': [{ var: '$user.role' }, 'owner'] }, '{{$user.id}}'],
  ])('is known not to by %s', (_, condition, value = 1) => {
    expect(setOf(condition, value).readsPermissions).toBe(false);
  });

  it('is known to look at them when one of several actions does', () => {
    const [rule] = setOf(true).rules;
    const action = { type: 'set_field', parameters: { field: 'b', value: '{{$user.permissions}}' } };
    const definition = { ...rule!.definition, actions: [...rule!.definition.actions, action] };
    expect(compileRuleSet([definition], { actionTypes, failurePolicy: 'fail_open' }).readsPermissions).toBe(true);
  });

  it('that is known not to decides the same whatever they are', () => {
    const path = fc.constantFrom('$user', '$user.permissions', '$user.permissions.0', '$user.role', 'a', '');
    const { logic } = fc.letrec<{ logic: JsonValue }>((tie) => ({
      logic: fc.oneof(
        { maxDepth: 4 },
        path,
        path.map((name) => ({ var: name })),
        fc.array(path, { maxLength: 2 }).map((keys) => ({ val: keys.flatMap((key) => key.split('.')) })),
        tie('logic').map((name) => ({ var: [name] })),
        fc.tuple(tie('logic'), tie('logic')).map((args): JsonObject => ({ cat: args })),
        fc.tuple(tie('logic'), tie('logic')).map((args): JsonObject => ({ '===': args })),
        fc.tuple(tie('logic'), tie('logic')).map((args): JsonObject => ({ and: args })),
        fc.tuple(tie('logic'), tie('logic')).map((args): JsonObject => ({ map: args })),
        fc.array(path).map((paths): JsonObject => ({ missing: paths })),
      ),
    }));
    let withoutReading = 0;
    fc.assert(
      fc.property(logic, path, (condition, placeholder) => {
        const set = setOf(condition, `{{${placeholder}}}`);
        if (set.readsPermissions) return;
        withoutReading++;
        const [none, some] = [[], ['rules:read', 'a']].map((list) => canonicalJson(decide(set, { a: 1 }, facts(list))));
        expect(none).toBe(some);
      }),
      { numRuns: propertyRuns(2_000) },
    );
    expect(withoutReading).toBeGreaterThan(propertyRuns(200));
  });
});
