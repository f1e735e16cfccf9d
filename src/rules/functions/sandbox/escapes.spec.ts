import { describe, expect, it } from '@jest/globals';
import { escapeAttempts } from '../../../../test/corpus/escape-attempts.js';
import { callFunction } from './sandbox.js';

const names = Object.keys(escapeAttempts);

/** Says whether something is of the host. It runs inside, around an attempt. */
const judged = (attempt: string): string => `
  const attempt = function (input) { ${attempt}
  };
  const isOfHost = (value) => {
    if (value === null || typeof value !== 'object' && typeof value !== 'function') return false;
    return typeof value.process?.version === 'string' || typeof value.require === 'function' ||
      typeof value.spawnSync === 'function' || typeof value.getThis === 'function' || typeof value.Buffer === 'function';
  };
  const reached = attempt(input);
  return isOfHost(reached) ? 'ESCAPED' : reached === globalThis ? 'own global' : reached;`;

const conditions = { now: '2026-11-25T10:00:00.000Z', seed: 'escape', ticks: 2_000_000 };
const call = (source: string) =>
  callFunction({ name: 'attempted', version: 1, parameters: ['input'], source }, [{ list: [1] }], conditions);
const harmless = () => call('return [input, typeof process, Object.keys(Object.prototype), Math.random()];');

const hostState = (): unknown => [
  Object.getOwnPropertyNames(Object.prototype),
  Object.getOwnPropertyNames(Array.prototype).length,
  Object.keys(globalThis).sort(),
  process.exitCode,
  ({} as { polluted?: unknown }).polluted,
];

describe('escape attempts', () => {
  it('are many', () => {
    expect(names.length).toBeGreaterThanOrEqual(60);
  });

  it.each(names)('%s: reaches nothing of the host and leaves nothing behind', (name) => {
    const before = hostState();
    const expected = harmless();
    const source = judged(escapeAttempts[name]!);
    const outcome = call(source);
    expect(JSON.stringify(outcome)).not.toContain('ESCAPED');
    expect(call(source)).toEqual(outcome);
    expect(hostState()).toEqual(before);
    expect(harmless()).toEqual(expected);
    expect(expected).toMatchObject({ result: [{ list: [1] }, 'undefined', [], expect.any(Number)] });
  });

  it('would be seen: what the judge takes for the host is found when it is there', () => {
    const found = call(judged('globalThis.process = { version: "v24" }; return globalThis;'));
    expect(found).toMatchObject({ result: 'ESCAPED' });
  });
});
