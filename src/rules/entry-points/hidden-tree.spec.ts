import { describe, expect, it } from '@jest/globals';
import { hiddenPathViolations, hiddenTreeOf, meetsHidden } from './hidden-tree.js';

describe('hidden paths', () => {
  it('make a tree in which a path covers those below it', () => {
    const settings = { sensitivePaths: ['a.b.c', 'a.b'], personalPaths: ['a.d.e', 'f'] };
    const tree = hiddenTreeOf(settings)!;
    expect(tree).toEqual(
      new Map<string, unknown>([
        [
          'a',
          new Map<string, unknown>([
            ['b', 'covered'],
            ['d', new Map([['e', 'covered']])],
          ]),
        ],
        ['f', 'covered'],
      ]),
    );
    const meeting = [['a'], ['a', 'b'], ['a', 'b', 'x'], ['a', 'd'], ['f', 'g']];
    expect(meeting.filter((path) => !meetsHidden(tree, path))).toEqual([]);
    const apart = [['a', 'c'], ['a', 'd', 'f'], ['g'], ['b']];
    expect(apart.filter((path) => meetsHidden(tree, path))).toEqual([]);
    expect(hiddenTreeOf({ sensitivePaths: [] })).toBeUndefined();
  });

  it('must be paths that the schema leaves possible, and lead into no list', () => {
    const schema = {
      type: 'object',
      properties: {
        closed: { type: 'object', properties: { known: { type: 'string' } }, additionalProperties: false },
        open: { type: 'object' },
        list: { type: 'array', items: { type: 'object' } },
      },
    };
    const possible = ['closed.known', 'open.anything.below', 'list', 'unsaid'];
    expect(hiddenPathViolations({ schema, personalPaths: possible })).toEqual([]);
    const refused = ['closed.unknown', 'list.0.name', 'list.name', 'closed.known.below', '', 'a..b'];
    expect(hiddenPathViolations({ schema, sensitivePaths: refused }).map(({ pointer }) => pointer)).toEqual(
      refused.map((_, i) => `#/sensitivePaths/${i}`),
    );
  });
});
