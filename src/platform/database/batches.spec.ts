import { describe, expect, it } from '@jest/globals';
import { Batches } from './batches.js';

interface Call {
  readonly key: string;
  readonly items: readonly number[];
  readonly answer: () => void;
  readonly fail: (error: Error) => void;
}

/** Batches whose statements stay under way until the test answers them: each item with its tenfold. */
const scene = (): { batches: Batches<number, number>; calls: Call[] } => {
  const calls: Call[] = [];
  const run = (key: string, items: readonly number[]): Promise<readonly number[]> =>
    new Promise((resolve, reject) =>
      calls.push({ key, items, answer: () => resolve(items.map((item) => item * 10)), fail: reject }),
    );
  return { batches: new Batches(run), calls };
};

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const asked = (calls: readonly Call[]) => calls.map(({ key, items }) => [key, ...items]);

describe('batches', () => {
  it('send what is asked for in one turn together, and each gets its own answer', async () => {
    const { batches, calls } = scene();
    const answers = [1, 2, 3].map((item) => batches.add('a', item));
    await nextTurn();
    expect(asked(calls)).toEqual([['a', 1, 2, 3]]);
    calls[0]!.answer();
    expect(await Promise.all(answers)).toEqual([10, 20, 30]);
  });

  it('gather while two statements are under way, and go on when one of them is answered', async () => {
    const { batches, calls } = scene();
    for (const item of [1, 2]) {
      void batches.add('a', item);
      await nextTurn();
    }
    const later = [3, 4].map((item) => batches.add('a', item));
    await nextTurn();
    expect(asked(calls)).toEqual([
      ['a', 1],
      ['a', 2],
    ]);
    calls[1]!.answer();
    await nextTurn();
    await nextTurn();
    expect(asked(calls)).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 3, 4],
    ]);
    calls[2]!.answer();
    expect(await Promise.all(later)).toEqual([30, 40]);
  });

  it('hold 64 items at most, and those of one key', async () => {
    const { batches, calls } = scene();
    for (let item = 0; item < 100; item++) void batches.add('a', item);
    void batches.add('b', 7);
    await nextTurn();
    await nextTurn();
    expect(calls.map(({ key, items }) => [key, items.length])).toEqual([
      ['a', 64],
      ['b', 1],
    ]);
    calls[0]!.answer();
    await nextTurn();
    await nextTurn();
    expect(calls.at(-1)!.items).toHaveLength(36);
  });

  it('do each item alone when they were refused together, so that only the bad one fails', async () => {
    const { batches, calls } = scene();
    const answers = Promise.allSettled([1, 2].map((item) => batches.add('a', item)));
    await nextTurn();
    const refusal = Object.assign(new Error('bad'), { code: '22P05' });
    calls[0]!.fail(refusal);
    await nextTurn();
    calls[1]!.fail(refusal);
    await nextTurn();
    calls[2]!.answer();
    expect(asked(calls)).toEqual([
      ['a', 1, 2],
      ['a', 1],
      ['a', 2],
    ]);
    expect(await answers).toMatchObject([{ reason: { message: 'bad' } }, { value: 20 }]);
  });

  it('do nothing again when the connection was lost: it may have been done', async () => {
    const { batches, calls } = scene();
    const answers = Promise.allSettled([1, 2].map((item) => batches.add('a', item)));
    await nextTurn();
    calls[0]!.fail(Object.assign(new Error('gone'), { code: '57P01' }));
    expect(await answers).toMatchObject([{ reason: { message: 'gone' } }, { reason: { message: 'gone' } }]);
    expect(calls).toHaveLength(1);
  });
});
