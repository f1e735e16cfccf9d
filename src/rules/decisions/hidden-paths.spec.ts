import { describe, expect, it } from '@jest/globals';
import { hiddenPaths } from './hidden-paths.js';

const reader = { permissions: new Set(['audit:read']) };
const entryPoint = { sensitivePaths: ['order.card'], personalPaths: ['order.customer.email', 'people.name'] };

describe('paths hidden from a reader', () => {
  it.each([
    ['order.card', true],
    ['order.card.number', true],
    ['order.customer.email', true],
    // Above: its value holds a hidden one.
    ['order.customer', true],
    ['order', true],
    ['', true],
    ['order.total', false],
    ['order.customer.name', false],
    ['order.cards', false],
    // Where a list stands, all of it is sealed.
    ['people.0.age', true],
    ['people.0', true],
    ['order.0', true],
    ['people.age', false],
  ])('%j: %j', (path, isHidden) => expect(hiddenPaths(reader, entryPoint)(path)).toBe(isHidden));

  it('are none to who may read what is sensitive, and none where an entry point hides nothing', () => {
    const auditor = { permissions: new Set(['audit:read', 'audit:read-sensitive']) };
    expect(hiddenPaths(auditor, entryPoint)('order.card')).toBe(false);
    expect(hiddenPaths(reader, {})('order.card')).toBe(false);
  });
});
