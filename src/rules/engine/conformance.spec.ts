import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runCases, runConformance } from './conformance.js';

const suites = fileURLToPath(new URL('../../../../shared/suites', import.meta.url));

(existsSync(suites) ? describe : describe.skip)('the public JSONLogic suites', () => {
  const reports = existsSync(suites) ? runConformance(suites) : [];

  it.each(reports)('$file', ({ passed, failed }) => {
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(0);
  });

  it('are there in full', () => {
    expect(reports.reduce((total, { passed }) => total + passed, 0)).toBeGreaterThanOrEqual(1138);
    expect(reports.find(({ file }) => file === 'compatible.json')?.passed).toBeGreaterThanOrEqual(278);
  });
});
