import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { runCanonicalConformance } from './canonical-conformance.js';
import { runConformance } from './conformance.js';
import { summarize } from './conformance-summary.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function writeSuites(expected: number, canonical: string): void {
  write('jsonlogic/index.json', JSON.stringify(['compatible.json', 'more.json']));
  write('jsonlogic/compatible.json', JSON.stringify(['# a remark', [{ '+': [1, 1] }, null, expected]]));
  write('jsonlogic/more.json', JSON.stringify([{ description: 'throws', rule: { throw: 'x' }, error: { type: 'x' } }]));
  write('rfc8785/input/one.json', '{ "b": 1.0, "a": "€" }');
  write('rfc8785/output/one.json', canonical);
  write('rfc8785/outhex/one.txt', '7b 22 61 22 3a 22 e2 82 ac 22\n2c 22 62 22 3a 31 7d\n');
}

const run = () => summarize(runConformance(folder), runCanonicalConformance(folder));

it('counts the cases of all files', () => {
  writeSuites(2, '{"a":"€","b":1}');
  expect(run()).toEqual({
    lines: [
      'JSONLogic',
      '✓       1/1  compatible.json',
      '✓       1/1  more.json',
      'RFC 8785, canonical JSON',
      '✓       2/2  one.json',
      'classic 1/1',
      'all 2/2',
      'rfc8785 2/2',
    ],
    isPassed: true,
  });
});

it('shows every difference with what was expected, and has not passed', () => {
  writeSuites(3, '{"b":1,"a":"€"}');
  const { lines, isPassed } = run();
  expect(isPassed).toBe(false);
  expect(lines).toEqual(
    expect.arrayContaining([
      '✗       0/1  compatible.json',
      '    {"+":[1,1]}',
      '    expected: gives 3',
      '    actual:   gives 2',
      '✗       1/2  one.json',
      '    expected: {"b":1,"a":"€"}',
      'all 1/2',
    ]),
  );
});

it('has not passed when there was nothing to run', () => expect(summarize([], []).isPassed).toBe(false));
