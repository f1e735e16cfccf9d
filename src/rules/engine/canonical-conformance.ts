import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { JsonValue } from '../../kernel/json.js';
import type { ConformanceFailure, ConformanceReport } from './conformance.js';

/**
 * Runs the public suite of RFC 8785, by which records are written: every file of `rfc8785/input`, whose canonical form
 * must be that of `output`, byte for byte that of `outhex`.
 * @throws when a folder is missing.
 */
export function runCanonicalConformance(suitesFolder: string): readonly ConformanceReport[] {
  const folder = join(suitesFolder, 'rfc8785');
  const read = (...path: readonly string[]): string => readFileSync(join(folder, ...path), 'utf8');
  return readdirSync(join(folder, 'input'))
    .sort()
    .map((file) => {
      const value = JSON.parse(read('input', file)) as JsonValue;
      const hex = read('outhex', file.replace(/\.json$/, '.txt'));
      const failed = [
        ...compare('output', value, read('output', file).trimEnd(), canonicalJson(value)),
        ...compare('bytes', value, hex.replaceAll(/\s/g, ''), Buffer.from(canonicalJson(value)).toString('hex')),
      ];
      return { file, passed: 2 - failed.length, failed };
    });
}

const compare = (what: string, rule: JsonValue, expected: string, actual: string): readonly ConformanceFailure[] =>
  expected === actual ? [] : [{ description: what, rule, expected, actual }];
