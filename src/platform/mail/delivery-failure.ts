/** Why a mail was not delivered, or not known to be. */
export class DeliveryFailure extends Error {
  constructor(
    /** `unknown` when the server may have taken the mail: it must not simply be sent again. */
    readonly outcome: 'not-sent' | 'unknown',
    /** Whether the same mail may be taken later; only of what was not sent. */
    readonly isPassing: boolean,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'DeliveryFailure';
  }
}

/** Errors that come before the message is handed over, so that it cannot have been taken. */
const BEFORE_DATA = new Set(['EDNS', 'EAUTH', 'ENOAUTH', 'ETLS', 'EENVELOPE', 'EREQUIRETLS', 'EPROXY']);
const NO_CONNECTION = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EADDRNOTAVAIL']);

interface SmtpError {
  readonly code?: unknown;
  /** Of the system, when `code` is the library's. */
  readonly originalCode?: unknown;
  /** Of the server's answer. */
  readonly responseCode?: unknown;
}

/**
 * Tells what an error of the SMTP client means (RFC 5321 section 4.2.1: 4yz passing, 5yz permanent). What is not surely
 * a failure before the message was handed over counts as unknown.
 */
export function deliveryFailureOf(error: unknown): DeliveryFailure {
  const { code, originalCode, responseCode } = Object(error) as SmtpError;
  const name = typeof code === 'string' ? code : 'ESMTP';
  const message = error instanceof Error ? error.message : String(error);
  if (typeof responseCode === 'number' && responseCode >= 400) {
    return new DeliveryFailure('not-sent', responseCode < 500, name, message);
  }
  if (typeof originalCode === 'string' && NO_CONNECTION.has(originalCode)) {
    return new DeliveryFailure('not-sent', true, originalCode, message);
  }
  if (BEFORE_DATA.has(name)) return new DeliveryFailure('not-sent', name !== 'EENVELOPE', name, message);
  return new DeliveryFailure('unknown', false, name, message);
}
