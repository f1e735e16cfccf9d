import { describe, expect, it } from '@jest/globals';
import type { DomainError } from '../../kernel/domain-error.js';
import { Rule, type AuthoredRule } from './rule.js';

const definition: AuthoredRule = {
  name: 'High value',
  description: '',
  priority: 10,
  enabled: true,
  validFrom: null,
  validUntil: null,
  stopOnMatch: false,
  condition: { '>': [{ var: 'order.total' }, 100] },
  actions: [{ type: 'set_outcome', parameters: { outcome: 'review' } }],
  tags: [],
  metadata: {},
};
const by = { userId: '0190b3c2-0000-7000-8000-000000000001', now: new Date('2026-11-22T10:00:00Z') };
const place = {
  id: '0190b3c2-0000-7000-8000-000000000002',
  organizationId: by.userId,
  entryPoint: 'shop.order.placed',
};
const kindOf = (work: () => unknown): string | undefined => {
  try {
    work();
  } catch (error) {
    return (error as DomainError).kind;
  }
  return undefined;
};

describe('Rule', () => {
  it('begins as a draft and is live only once published', () => {
    const { rule, events } = Rule.create(place, definition, by);
    expect(rule).toMatchObject({ definitionVersion: 1, liveVersion: null });
    expect(events.map(({ type }) => type)).toEqual(['rules.rule-created']);
    expect(rule.publish(1)[0]).toMatchObject({ type: 'rules.rule-published', payload: { version: 1, previous: null } });
    expect(rule.publish(1)).toEqual([]);
  });

  it('keeps the live version in force while drafts are saved', () => {
    const { rule } = Rule.create(place, definition, by);
    rule.publish(undefined);
    rule.revise({ ...definition, priority: 20 }, by, { expectedVersion: 1 });
    expect(rule).toMatchObject({ definitionVersion: 2, liveVersion: 1 });
  });

  it('refuses the second of two editors', () => {
    const { rule } = Rule.create(place, definition, by);
    rule.revise(definition, by, { expectedVersion: 1 });
    expect(kindOf(() => rule.revise(definition, by, { expectedVersion: 1 }))).toBe('stale');
    expect(kindOf(() => rule.publish(1))).toBe('stale');
    expect(kindOf(() => rule.archive(by.now, 1))).toBe('stale');
  });

  it('leaves force when archived, and cannot come back', () => {
    const { rule } = Rule.create(place, definition, by);
    rule.publish(1);
    expect(rule.archive(by.now, 1).map(({ type }) => type)).toEqual(['rules.rule-deactivated', 'rules.rule-archived']);
    expect(rule.liveVersion).toBeNull();
    for (const work of [
      () => rule.publish(undefined),
      () => rule.revise(definition, by, { expectedVersion: undefined }),
    ]) {
      expect(kindOf(work)).toBe('conflict');
    }
  });
});
