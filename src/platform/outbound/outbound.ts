import { buildConnector, Client, type Dispatcher } from 'undici';
import { checkedLookup, type Resolve, resolveHost } from './checked-lookup.js';
import { outboundFailureOf, targetRefused } from './outbound-failure.js';
import { faultOfTarget, mayCallAddress, type OutboundPolicy, portOf } from './outbound-target.js';

const CONNECT_WITHIN_MS = 5_000;
const ANSWER_WITHIN_MS = 15_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_BODY_BYTES = 64 * 1024;

/** A call to somebody else's server. */
export interface OutboundCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Breaks the call off. */
  readonly signal?: AbortSignal;
}

/** What the server answered, whatever its status; redirects are answers too and are not followed. */
export interface OutboundAnswer {
  readonly status: number;
  /** By lower-case name; of a repeated one the first. */
  readonly headers: Readonly<Record<string, string>>;
  /** As UTF-8; at most 64 KiB, less when the rest did not come in time. */
  readonly body: string;
}

/** How long a call may take, in milliseconds. */
export interface OutboundTimeouts {
  /** For looking the name up, connecting and the handshake of TLS. */
  readonly connectMs: number;
  /** For everything. */
  readonly answerMs: number;
}

/**
 * Calls servers outside of the installation at addresses that users give: the public internet alone, and what
 * `OUTBOUND_ALLOW` opens. Each call has a connection of its own to an address that was checked, over verified TLS; the
 * proxies of the environment are left out, because they would resolve the name anew.
 */
export class Outbound {
  constructor(
    private readonly policy: OutboundPolicy,
    private readonly resolve: Resolve = resolveHost,
    private readonly timeouts: OutboundTimeouts = { connectMs: CONNECT_WITHIN_MS, answerMs: ANSWER_WITHIN_MS },
  ) {}

  /** Why a URL could never be called, before its name is looked up; undefined when it could. */
  faultOf(url: string): string | undefined {
    return faultOfTarget(url, this.policy);
  }

  /** Posts a body, once. @throws OutboundFailure */
  async post({ url: text, headers, body, signal }: OutboundCall): Promise<OutboundAnswer> {
    const fault = this.faultOf(text);
    if (fault !== undefined) throw targetRefused(fault);
    const url = new URL(text);
    const connection = { isMade: false };
    const client = this.open(url, connection);
    const deadline = AbortSignal.timeout(this.timeouts.answerMs);
    try {
      const answer = await client.request({
        method: 'POST',
        path: url.pathname + url.search,
        headers,
        body,
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      return { status: answer.statusCode, headers: firstOfEach(answer.headers), body: await readStart(answer.body) };
    } catch (error) {
      throw outboundFailureOf(error, connection.isMade);
    } finally {
      await client.destroy();
    }
  }

  private open(url: URL, connection: { isMade: boolean }): Client {
    const { allowed } = this.policy;
    const isAllowed = allowed.hasPlace(url.hostname, portOf(url));
    const connector = buildConnector({
      allowH2: false,
      rejectUnauthorized: true,
      timeout: this.timeouts.connectMs,
      lookup: checkedLookup(this.resolve, (address) => isAllowed || mayCallAddress(this.policy, address)),
    });
    return new Client(url.origin, {
      pipelining: 0,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: this.timeouts.answerMs,
      bodyTimeout: this.timeouts.answerMs,
      connect: (options, done) =>
        connector(options, (...made) => {
          connection.isMade = made[0] === null;
          done(...made);
        }),
    });
  }
}

/** What came of a body before its bound or the deadline; the status has said already what matters. */
async function readStart(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= MAX_BODY_BYTES) break;
    }
  } catch {
    // It broke off: what came is kept.
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString();
}

const firstOfEach = (headers: Dispatcher.ResponseData['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value;
      return first === undefined ? [] : [[name, first]];
    }),
  );
