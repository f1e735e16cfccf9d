import type { Api } from './api.js';
import type { DeliveredMail } from './tally.js';

/** A running Proviso that the story is told with. */
export interface Instance {
  readonly url: string;
  /** Where its mails go, in words. */
  readonly mailbox: string;
  /** The mails that it sent, or keeps instead of sending them. */
  mails(api: Api): Promise<readonly DeliveredMail[]>;
  /** The newest mail to somebody, as it can be read there. */
  readMail(recipient: string): Promise<string | undefined>;
  /** Ends what was started for it. */
  stop(): Promise<void>;
}

interface EmailAnswer {
  readonly recipient: string;
  readonly subject: string;
  readonly sentAt: string;
}

interface KeptMail {
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
}

/** An instance that runs already, in development mode with the demo organizations; its mails are kept at `/dev/mail`. */
export const runningInstance = (url: string): Instance => ({
  url,
  mailbox: `${url}/dev/mail`,
  mails: (api) =>
    Array.fromAsync(api.items<EmailAnswer>('/emails?status=delivered'), ({ recipient, subject, sentAt }) => ({
      recipient,
      subject,
      at: Date.parse(sentAt),
    })),
  readMail: async (recipient) => {
    const answer = await fetch(`${url}/dev/mail`, { headers: { accept: 'application/json' } });
    if (!answer.ok) throw new Error(`GET /dev/mail → ${answer.status}: the instance does not run in development mode.`);
    const mail = ((await answer.json()) as KeptMail[]).find((kept) => kept.recipient === recipient);
    return mail && `Subject: ${mail.subject}\n\n${mail.text}`;
  },
  stop: async () => undefined,
});
