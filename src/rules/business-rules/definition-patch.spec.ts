import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyPatch } from 'rfc6902';
import { patchBetween } from './definition-patch.js';

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, 0, 1, -1, 1.5, '', 'a', '~/'),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'toString', '~', '/', ''), tie('value')),
  ),
})).value;
const document = fc.record({ actions: fc.array(json, { maxLength: 8 }), condition: json });

it('makes the one of the other, whatever stands in them', () => {
  fc.assert(
    fc.property(document, document, (from, to) => {
      const copy = structuredClone({ whole: from });
      const faults = applyPatch(copy, [...patchBetween({ whole: from }, { whole: to })]);
      expect(faults.filter(Boolean)).toEqual([]);
      expect(copy).toEqual({ whole: to });
    }),
    { numRuns: 2_000 },
  );
});

it('is empty for what says the same, in whatever order of keys', () => {
  fc.assert(fc.property(document, (from) => expect(patchBetween(from, structuredClone(from))).toEqual([])));
  expect(patchBetween({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 })).toEqual([]);
});

it('finds members that the library would not write', () => {
  const from = { actions: [{ constructor: {} }] };
  expect(patchBetween(from, { actions: [{ constructor: { a: null } }] })).toEqual([
    { op: 'add', path: '/actions/0/constructor/a', value: null },
  ]);
});

it('names what changed within lists, not the lists', () => {
  const from = { actions: [{ by: 1 }, { by: 2 }, { by: 3 }] };
  expect(patchBetween(from, { actions: [{ by: 1 }, { by: 20 }, { by: 3 }] })).toEqual([
    { op: 'replace', path: '/actions/1/by', value: 20 },
  ]);
  expect(patchBetween(from, { actions: [{ by: 1 }, { by: 3 }] })).toEqual([{ op: 'remove', path: '/actions/1' }]);
  expect(patchBetween(from, { actions: [{ by: 0 }, ...from.actions] })).toEqual([
    { op: 'add', path: '/actions/0', value: { by: 0 } },
  ]);
});

it('takes no time to speak of for long lists', () => {
  const list = (length: number, step: number) => ({ in: Array.from({ length }, (_, index) => index * step) });
  const start = performance.now();
  expect(patchBetween(list(50_000, 1), list(60_000, 2))).toHaveLength(1);
  expect(patchBetween(list(50_000, 1), { in: [-1, ...list(50_000, 1).in] })).toHaveLength(1);
  expect(performance.now() - start).toBeLessThan(2_000);
});
