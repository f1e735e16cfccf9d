import type { LightMyRequestResponse } from 'fastify';
import type { DemoPerson, TestApplication } from './application.js';
import { DEMO_PASSWORD } from '../../src/seed/demo.js';
import type { Operation } from './openapi-document.js';

/** A body as it is sent; text and bytes go out as they are. */
export type Body = Readonly<Record<string, unknown>> | string | Buffer;

export interface Call {
  readonly method: Operation['method'];
  /** Whole path with query. */
  readonly url: string;
  readonly body?: Body;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly etag: unknown;
  /** `code` of a problem. */
  readonly code: string | undefined;
  /** What stands in the envelope. */
  readonly data: unknown;
}

const JSON_CONTENT = { 'content-type': 'application/json' };

const isRaw = (body: Body): body is string | Buffer => typeof body === 'string' || Buffer.isBuffer(body);

function answerOf({ statusCode, headers, body }: LightMyRequestResponse): Answer {
  const type = String(headers['content-type'] ?? '');
  const isJson = /^application\/(problem\+)?json/.test(type);
  const parsed = isJson ? (JSON.parse(body) as { code?: string; data?: unknown }) : {};
  return { status: statusCode, type, text: body, etag: headers['etag'], code: parsed.code, data: parsed.data };
}

/** One of the two demo organizations, seen by its owner, without a network in between. */
export class Organization {
  private spareToken: string | undefined;

  constructor(
    private readonly proviso: TestApplication,
    private readonly email: DemoPerson,
  ) {}

  async send({ method, url, body, headers }: Call): Promise<Answer> {
    const isSigningOut = url.startsWith('/api/v1/auth/logout');
    const token = isSigningOut ? await this.takeSpareSession() : this.proviso.token(this.email);
    const response = await this.proviso.app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && JSON_CONTENT), ...headers },
      ...(body !== undefined && { payload: isRaw(body) ? body : JSON.stringify(body) }),
    });
    if (isSigningOut && response.statusCode < 300) this.spareToken = undefined;
    return answerOf(response);
  }

  /** The data of an answer that must be a success. @throws Error with the answer otherwise */
  async expectData<T = Record<string, string>>(call: Call): Promise<T> {
    const { status, text, data } = await this.send(call);
    if (status >= 300) throw new Error(`${call.method} ${call.url} answered ${status}: ${text}`);
    return data as T;
  }

  post<T = Record<string, string>>(path: string, body: Body, headers?: Record<string, string>): Promise<T> {
    return this.expectData<T>({ method: 'POST', url: `/api/v1${path}`, body, ...(headers && { headers }) });
  }

  get<T>(path: string): Promise<T> {
    return this.expectData<T>({ method: 'GET', url: `/api/v1${path}` });
  }

  /** A session that may be signed out, the same one until that is done; gives its access token. */
  async takeSpareSession(): Promise<string> {
    return (this.spareToken ??= await this.signIn());
  }

  /** A further session of the owner; gives its access token. */
  async signIn(): Promise<string> {
    const response = await this.proviso.app.inject({
      method: 'POST',
      url: '/api/v1/auth/login',
      payload: { email: this.email, password: DEMO_PASSWORD },
    });
    return response.json<{ access_token: string }>().access_token;
  }
}
