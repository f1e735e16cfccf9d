import { describe, expect, it, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { expectSecret, keyOf, makeSecret } from './webhook-secret.js';
import { signedHeaders } from './webhook-signature.js';

/** As Standard Webhooks prints it for implementers. */
const PRINTED = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1614265330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

describe('the signature of a webhook', () => {
  it('is that of the printed example', () => {
    const { secret, id, timestamp, body, signature } = PRINTED;
    expect(signedHeaders([secret], { id, body, sentAt: new Date(timestamp * 1000 + 999) })).toEqual({
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signature,
    });
  });

  it('is accepted by the library of Standard Webhooks, whatever the body, and by either secret', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.uuid(), fc.integer({ min: 24, max: 64 }), (value, id, bytes) => {
        const body = JSON.stringify(value);
        const secrets = [makeSecret(), `whsec_${randomBytes(bytes).toString('base64')}`];
        const headers = signedHeaders(secrets, { id: `${id}.step.1`, body, sentAt: new Date() });
        for (const secret of secrets) expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
        expect(() => new Webhook(makeSecret()).verify(body, headers)).toThrow();
        expect(() => new Webhook(secrets[0]!).verify(`${body} `, headers)).toThrow();
        expect(() => new Webhook(secrets[0]!).verify(body, { ...headers, 'webhook-id': id })).toThrow();
      }),
      { numRuns: 50 },
    );
  });
});

describe('a secret', () => {
  it('is made of 32 bytes, each time others', () => {
    const secret = makeSecret();
    expect([secret.slice(0, 6), keyOf(secret).length, expectSecret(secret)]).toEqual(['whsec_', 32, secret]);
    expect(makeSecret()).not.toBe(secret);
  });

  const ofBytes = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

  test.each([24, 25, 26, 64])('of %s bytes is taken', (bytes) => {
    expect(expectSecret(ofBytes(bytes))).toBe(ofBytes(bytes));
  });

  test.each([
    ['', 'nothing'],
    [ofBytes(23), 'too short'],
    [ofBytes(65), 'too long'],
    [ofBytes(24).slice(6), 'no prefix'],
    [ofBytes(25).replaceAll('=', ''), 'no padding'],
    [`${ofBytes(24)}!`, 'not base64'],
    [`${ofBytes(24)}\n`, 'a line break'],
    [ofBytes(24).replace('whsec_', 'whsk_'), 'another prefix'],
  ])('%j is refused: %s', (secret) => {
    expect(() => expectSecret(secret)).toThrow(expect.objectContaining({ kind: 'invalid', code: 'invalid-secret' }));
  });
});
