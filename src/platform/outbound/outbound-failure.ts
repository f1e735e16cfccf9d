/** What an outbound call came to when there is no answer. */
export type OutboundOutcome =
  /** The target may not be called; it never will, unless its address or the configuration changes. */
  | 'refused'
  /** Nothing was handed over: the name is not known, nobody listens, the certificate is wrong. */
  | 'not-sent'
  /** A connection stood, so the other side may have got it. */
  | 'unknown';

/** An outbound call without an answer. */
export class OutboundFailure extends Error {
  constructor(
    readonly outcome: OutboundOutcome,
    /** Of the system or the library: `ECONNREFUSED`, `UND_ERR_CONNECT_TIMEOUT`; `target-refused` is our own. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'OutboundFailure';
  }
}

/** The target may not be called, for the reason that `message` tells. */
export const targetRefused = (message: string): OutboundFailure =>
  new OutboundFailure('refused', 'target-refused', message);

/** What an error of the client means. @param wasConnected whether a connection stood when it came */
export function outboundFailureOf(error: unknown, wasConnected: boolean): OutboundFailure {
  if (error instanceof OutboundFailure) return error;
  const { code, name, message } = Object(error) as { code?: unknown; name?: string; message?: string };
  const known = typeof code === 'string' ? code : (name ?? 'unknown');
  return new OutboundFailure(wasConnected ? 'unknown' : 'not-sent', known, message || known);
}
