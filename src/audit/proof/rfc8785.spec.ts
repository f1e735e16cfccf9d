import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { canonicalJson } from '../../kernel/canonical-json.js';

const canonicalBytes = (text: string): string =>
  Buffer.from(canonicalJson(JSON.parse(text) as unknown)).toString('hex');

/** Small documents of our own in the manner of the RFC's public test data: input text, canonical text. */
const documents: readonly [name: string, input: string, output: string][] = [
  ['arrays', '[ 7, { "z": false, "20": null, "3": [ ] } ]', '[7,{"20":null,"3":[],"z":false}]'],
  [
    'accents: sorted by code unit, whatever a language says',
    '{ "zoo": 1, "hôte": 2, "hote": 3, "hoté": 4, "Zoo": 5 }',
    '{"Zoo":5,"hote":3,"hoté":4,"hôte":2,"zoo":1}',
  ],
  [
    'structures: every level is sorted, integers as names too',
    '{"2":{"b":{"x":"y","X":1.0},"\\t":10.0},"12":{},"":"none","c":[{"d":1,"D":2}],"112":{}}',
    '{"":"none","112":{},"12":{},"2":{"\\t":10,"b":{"X":1,"x":"y"}},"c":[{"D":2,"d":1}]}',
  ],
  ['unicode: composed and decomposed letters stay apart', '{"e":"e\\u0301 \\u00e9"}', '{"e":"e\u0301 \u00e9"}'],
  [
    'values: numbers, escapes and literals',
    '{"n":[1E21,100.0,5e-7,0.0001,-0,9007199254740993],"s":"\\u20AC\\u001f\\u000d\\u0008\\u005C\\/\\"","l":[true,null]}',
    '{"l":[true,null],"n":[1e+21,100,5e-7,0.0001,0,9007199254740992],"s":"€\\u001f\\r\\b\\\\/\\""}',
  ],
  [
    'weird: control characters, markup and code units above the surrogates',
    '{"\\ufb01":1,"\\ud83d\\ude80":2,"\\u0000":3,"</a>":4,"\\u2028":5,"\\u007f":6}',
    '{"\\u0000":3,"</a>":4,"\u007f":6,"\u2028":5,"🚀":2,"\ufb01":1}',
  ],
];

describe('canonicalJson as RFC 8785 wants it', () => {
  it.each(documents)('%s', (_name, input, output) => {
    expect(canonicalBytes(input)).toBe(Buffer.from(output).toString('hex'));
  });

  const suite = new URL('../../../../shared/suites/rfc8785/', import.meta.url);
  const published = existsSync(suite) ? readdirSync(new URL('outhex/', suite)) : [];
  (published.length > 0 ? it : it.skip)('gives the bytes of the published test data, where it is at hand', () => {
    for (const file of published) {
      const input = readFileSync(new URL(`input/${file.replace('.txt', '.json')}`, suite), 'utf8');
      const output = readFileSync(new URL(`outhex/${file}`, suite), 'utf8').replaceAll(/\s/g, '');
      expect([file, canonicalBytes(input)]).toEqual([file, output]);
    }
  });
});
