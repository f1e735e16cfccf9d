import { describe, expect, test } from '@jest/globals';
import { deliveryFailureOf } from './delivery-failure.js';

const failure = (members: object) => deliveryFailureOf(Object.assign(new Error('no'), members));

describe('what an error of the mail client means', () => {
  test.each([
    ['the server is busy', { code: 'EENVELOPE', responseCode: 450 }, 'not-sent', true],
    ['the server refuses the recipient', { code: 'EENVELOPE', responseCode: 550 }, 'not-sent', false],
    ['the server refuses the message', { code: 'EMESSAGE', responseCode: 554 }, 'not-sent', false],
    ['nobody listens', { code: 'ESOCKET', originalCode: 'ECONNREFUSED' }, 'not-sent', true],
    ['the name is not known', { code: 'EDNS' }, 'not-sent', true],
    ['the login is wrong', { code: 'EAUTH' }, 'not-sent', true],
    ['the address cannot be written', { code: 'EENVELOPE' }, 'not-sent', false],
    ['the connection broke', { code: 'ECONNECTION' }, 'unknown', false],
    ['the connection was reset', { code: 'ESOCKET', originalCode: 'ECONNRESET' }, 'unknown', false],
    ['the answer never came', { code: 'ETIMEDOUT' }, 'unknown', false],
    ['the answer makes no sense', { code: 'EPROTOCOL', responseCode: 250 }, 'unknown', false],
    ['something else', {}, 'unknown', false],
  ])('%s', (_, members, outcome, isPassing) => {
    expect(failure(members)).toMatchObject({ outcome, isPassing });
  });
});
