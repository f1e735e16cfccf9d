import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Resolve } from '../../src/platform/outbound/checked-lookup.js';
import { AllowedTargets } from '../../src/platform/outbound/allowed-targets.js';
import type { OutboundFailure } from '../../src/platform/outbound/outbound-failure.js';
import { Outbound, type OutboundAnswer } from '../../src/platform/outbound/outbound.js';
import { startWebhookSink, type WebhookSink } from '../support/webhook-sink.js';

/** The one address that these calls may reach, and another of this machine that they may not, on the same port. */
const [OPEN, CLOSED] = ['127.0.0.1', '127.0.0.2'];
const PUBLIC = '93.184.215.14';

let open: WebhookSink;
let closed: WebhookSink;
/** What the name server says, in turns; the last for ever. */
let answers: string[][];
let asked: string[];

beforeAll(async () => {
  open = await startWebhookSink(OPEN);
  closed = await startWebhookSink(CLOSED, open.port);
});

afterAll(async () => {
  await open.stop();
  await closed.stop();
});

afterEach(() => {
  open.received.splice(0);
  open.behave();
  expect(closed.received).toEqual([]);
});

const resolve: Resolve = async (host) => {
  asked.push(host);
  const [addresses = []] = answers.length > 1 ? answers.splice(0, 1) : answers;
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
};

const outbound = (...allowed: string[]): Outbound => {
  const policy = { allowed: new AllowedTargets([`${OPEN}/32`, ...allowed]), isProduction: false };
  return new Outbound(policy, resolve, { connectMs: 300, answerMs: 600 });
};
const post = (url: string, signal?: AbortSignal): Promise<OutboundAnswer> =>
  outbound().post({ url, headers: { 'content-type': 'application/json' }, body: '{}', ...(signal && { signal }) });
const named = (path = '/'): string => `http://hooks.example.com:${open.port}${path}`;
const failureOf = (call: Promise<unknown>): Promise<OutboundFailure> =>
  call.then(
    () => expect(call).rejects.toThrow(),
    (error: OutboundFailure) => error,
  ) as Promise<OutboundFailure>;

beforeAll(() => {
  asked = [];
});

describe('a name', () => {
  it('is looked up once, and called at exactly the address that was checked', async () => {
    answers = [[OPEN], [CLOSED]];
    asked = [];
    expect(await post(named())).toMatchObject({ status: 204 });
    expect(asked).toEqual(['hooks.example.com']);
    expect(open.received).toHaveLength(1);
  });

  it('that leads to a private address is refused, also when it led to a good one before', async () => {
    answers = [[OPEN], [CLOSED]];
    await post(named());
    expect(await failureOf(post(named()))).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining(CLOSED),
    });
  });

  it.each([
    ['loopback', ['127.0.0.2']],
    ['loopback of IPv6', ['::1']],
    ['loopback, mapped', ['::ffff:127.0.0.2']],
    ['a private network', ['10.0.0.1']],
    ['where clouds tell secrets', ['169.254.169.254']],
    ['unspecified', ['0.0.0.0']],
    ['link-local with its zone', ['fe80::1%lo']],
    ['a public address beside a private one', [PUBLIC, '127.0.0.2']],
  ])('that leads to %s is refused', async (_, addresses) => {
    answers = [addresses];
    expect(await failureOf(post(named()))).toMatchObject({ outcome: 'refused', code: 'target-refused' });
  });

  it('that leads nowhere is a failure that passes', async () => {
    answers = [[]];
    expect(await failureOf(post(named()))).toMatchObject({ outcome: 'not-sent', code: 'ENOTFOUND' });
    const unknown = new Outbound({ allowed: new AllowedTargets([]), isProduction: false });
    const call = unknown.post({ url: 'https://hooks.invalid/', headers: {}, body: '' });
    expect(await failureOf(call)).toMatchObject({ outcome: 'not-sent' });
  });

  it('that is opened with its port is called wherever it leads', async () => {
    answers = [[OPEN]];
    const opened = outbound(`hooks.internal:${open.port}`);
    const call = { headers: {}, body: '' };
    answers = [['127.0.0.1']];
    expect(await opened.post({ ...call, url: `http://hooks.internal:${open.port}/` })).toMatchObject({ status: 204 });
  });
});

describe('an answer', () => {
  beforeAll(() => {
    answers = [[OPEN]];
  });

  it('that leads elsewhere is not followed', async () => {
    open.behave((response) => void response.writeHead(307, { location: `${closed.url}/secret` }).end());
    expect(await post(`${open.url}/`)).toMatchObject({ status: 307, headers: { location: `${closed.url}/secret` } });
  });

  it('without an end is read to its bound', async () => {
    open.behave((response) => {
      response.writeHead(200);
      const write = (): boolean => !response.destroyed && response.write('x'.repeat(10_000), () => setImmediate(write));
      write();
    });
    const { status, body } = await post(`${open.url}/`);
    expect([status, body.length]).toEqual([200, 64 * 1024]);
  });

  it('whose body drips is taken as far as it came in time', async () => {
    open.behave((response) => void response.writeHead(202).write('accep'));
    expect(await post(`${open.url}/`)).toMatchObject({ status: 202, body: 'accep' });
  });

  it.each([
    ['never comes', () => undefined],
    ['breaks off', (response: { destroy: () => void }) => response.destroy()],
  ])('that %s leaves unknown whether it was taken', async (_, behave) => {
    open.behave(behave);
    expect(await failureOf(post(`${open.url}/`))).toMatchObject({ outcome: 'unknown' });
  });

  it('is not waited for when nobody wants it any more', async () => {
    open.behave(() => undefined);
    const controller = new AbortController();
    const call = failureOf(post(`${open.url}/`, controller.signal));
    setTimeout(() => controller.abort(), 50);
    expect(await call).toMatchObject({ outcome: 'unknown', code: expect.stringMatching(/Abort|ABORT|20/) });
  });
});

describe('a connection', () => {
  it('that nobody takes leaves nothing sent', async () => {
    expect(await failureOf(post('http://127.0.0.1:1024/'))).toMatchObject({
      outcome: 'not-sent',
      code: 'ECONNREFUSED',
    });
  });

  it('whose handshake does not end is given up in time', async () => {
    const sockets: Socket[] = [];
    const mute = createTcpServer((socket) => sockets.push(socket)).listen(0, OPEN);
    await new Promise((listening) => mute.once('listening', listening));
    const { port } = mute.address() as AddressInfo;
    expect(await failureOf(post(`https://127.0.0.1:${port}/`))).toMatchObject({ outcome: 'not-sent' });
    sockets.forEach((socket) => socket.destroy());
    mute.close();
  });

  it('to somebody whom nobody vouches for is refused', async () => {
    const server = createTlsServer({ key: KEY, cert: CERTIFICATE }).listen(0, OPEN);
    await new Promise((listening) => server.once('listening', listening));
    const { port } = server.address() as AddressInfo;
    answers = [[OPEN]];
    const call = post(`https://hooks.example.com:${port}/`);
    expect(await failureOf(call)).toMatchObject({ outcome: 'not-sent', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    server.close();
  });

  it('goes past the proxies of the environment', async () => {
    Object.assign(process.env, { HTTP_PROXY: closed.url, http_proxy: closed.url });
    expect(await post(`${open.url}/`)).toMatchObject({ status: 204 });
    delete process.env.HTTP_PROXY;
    delete process.env.http_proxy;
  });
});

/** Made for this test, and signed by itself. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgcag1PPkdaYoPx8ua
+t7d+MkM+wZfAtqnoX0Dcbwgr6WhRANCAARPiEKtuIBF0iXlIRYm+94GvH5lhZLA
vCyJrO1Fj0jTcWpvFXHRVMVtiCP4s7EMCXNej/cdNx7doaI+2Ltdueug
-----END PRIVATE KEY-----`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBrjCCAVOgAwIBAgIUK6KiilzqthpWUggBZeRmQh+BUSUwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRaG9va3MuZXhhbXBsZS5jb20wIBcNMjYxMTI2MDAxOTU5WhgP
MjEyNjExMDIwMDE5NTlaMBwxGjAYBgNVBAMMEWhvb2tzLmV4YW1wbGUuY29tMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAET4hCrbiARdIl5SEWJvveBrx+ZYWSwLws
iaztRY9I03FqbxVx0VTFbYgj+LOxDAlzXo/3HTce3aGiPti7XbnroKNxMG8wHQYD
VR0OBBYEFAQaTNqM3Ioi88x5HScgPxrzVdC7MB8GA1UdIwQYMBaAFAQaTNqM3Ioi
88x5HScgPxrzVdC7MA8GA1UdEwEB/wQFMAMBAf8wHAYDVR0RBBUwE4IRaG9va3Mu
ZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSQAwRgIhAI3/v0GgALxNrjjC8SzxhGpe
SeXOTeN7ULqSt3OFLhHbAiEA3j3W2ICZLuxeJZhsHnbiZTV9MYjgpe6on11dvFUk
NCg=
-----END CERTIFICATE-----`;
