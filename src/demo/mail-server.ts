import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import type { DeliveredMail } from './tally.js';

/** A mail as the server took it. */
export interface ReceivedMail extends DeliveredMail {
  /** Headers and text, as they came. */
  readonly message: string;
}

/** An SMTP server of the demo's own. */
export interface MailServer {
  /** For `SMTP_URL`. */
  readonly url: string;
  readonly received: readonly ReceivedMail[];
  stop(): Promise<void>;
}

/** Starts an SMTP server on a free port of this machine that takes every mail and keeps it in memory. */
export async function startMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, { envelope }, done) => {
      text(stream).then((message) => {
        received.push({
          recipient: envelope.rcptTo[0]?.address ?? '',
          subject: subjectOf(message),
          at: Date.now(),
          message,
        });
        done();
      }, done);
    },
  });
  // A client that goes away in the middle is nobody's trouble here.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const subjectOf = (message: string): string => /^Subject: (.*)$/im.exec(message)?.[1]?.trim() ?? '';
