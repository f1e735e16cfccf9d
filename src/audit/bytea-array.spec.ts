import { describe, expect, it } from '@jest/globals';
import { byteaArray } from './bytea-array.js';

describe('byteaArray', () => {
  it('writes the header and each element behind its length in bytes', () => {
    const header = '00000001' + '00000000' + '00000011' + '00000003' + '00000001';
    const elements = '00000003' + '22c3a9' + '00000000' + '00000002' + 'ff00';
    expect(byteaArray(['"é', '', Buffer.from('ff00', 'hex')]).toString('hex')).toBe(header + elements);
  });
});
