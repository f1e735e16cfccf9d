import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { Configuration } from '../config/configuration.js';
import { deliveryFailureOf } from './delivery-failure.js';

/** What the server is given for each phase, in milliseconds. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

/** The answer of a mailer without a server: the mail is kept where it was noted, and shown at `/dev/mail`. */
export const KEPT = 'kept';

/** A mail to one recipient: plain text, or HTML with its text part. */
export interface Mail {
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  /** Null for a mail in plain text. */
  readonly html: string | null;
  /** Without angle brackets; the same for the same mail, however often it is tried. */
  readonly messageId: string;
  /** That it bears; the same for every attempt. */
  readonly date: Date;
}

/** Hands mails to the operator's mail server. */
export class Mailer {
  private readonly transport;

  constructor(private readonly configuration: Pick<Configuration, 'SMTP_URL' | 'MAIL_FROM'>) {
    const { SMTP_URL: url } = configuration;
    // No pool: it sends a mail again by itself when a connection breaks under it. Mails hold no files or addresses to load.
    this.transport = url
      ? createTransport({ url, ...TIMEOUTS }, { disableFileAccess: true, disableUrlAccess: true })
      : undefined;
  }

  /** Part of message ids: that of the sender's address. */
  get domain(): string {
    return /@([^\s>]+)>?\s*$/.exec(this.configuration.MAIL_FROM)?.[1] ?? 'localhost';
  }

  /**
   * Sends a mail, once.
   * @returns what the server answered
   * @throws DeliveryFailure
   */
  async send(mail: Mail): Promise<string> {
    if (!this.transport) return KEPT;
    try {
      const { response } = await this.transport.sendMail(this.messageOf(mail));
      return response;
    } catch (error) {
      throw deliveryFailureOf(error);
    }
  }

  /** The same bytes for the same mail: date and boundary of its parts do not change from attempt to attempt. */
  private messageOf({ recipient, subject, text, html, messageId, date }: Mail) {
    return {
      from: this.configuration.MAIL_FROM,
      to: { name: '', address: recipient },
      subject,
      text,
      ...(html !== null && { html }),
      messageId: `<${messageId}>`,
      date,
      baseBoundary: createHash('sha256').update(messageId).digest('hex').slice(0, 32),
      headers: { 'Auto-Submitted': 'auto-generated' },
    };
  }

  close(): void {
    this.transport?.close();
  }
}
