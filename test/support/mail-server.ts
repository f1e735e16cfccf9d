import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A mail as the server got it, whether it took it or not. */
export interface ReceivedMail {
  readonly recipient: string;
  readonly subject: string;
  readonly messageId: string;
  readonly body: string;
}

/** What the server does with the next mails. */
export type MailBehaviour = (mail: ReceivedMail) => Promise<void>;

/** Refuses with an SMTP answer. */
export const refusal = (responseCode: number): Error =>
  Object.assign(new Error('refused by the test'), { responseCode });

/** A real SMTP server on a free port of this machine. */
export async function startMailServer() {
  const received: ReceivedMail[] = [];
  const messages = new WeakMap<ReceivedMail, string>();
  let behaviour: MailBehaviour = async () => undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, session, done) => {
      const receive = async (message: string): Promise<void> => {
        const mail = read(message, session.envelope.rcptTo[0]?.address ?? '');
        received.push(mail);
        messages.set(mail, message);
        await behaviour(mail).then(
          () => done(),
          (error: Error) => done(error),
        );
      };
      // A sender that breaks off in the middle has not delivered anything.
      void text(stream).then(receive, () => undefined);
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    to: (recipient: string): ReceivedMail[] => received.filter((mail) => mail.recipient === recipient),
    /** Headers and body as they came. */
    messageOf: (mail: ReceivedMail): string => messages.get(mail)!,
    behave: (next: MailBehaviour): void => {
      behaviour = next;
    },
    stop: (): Promise<void> => new Promise((resolve) => server.close(resolve)),
  };
}

export type MailServer = Awaited<ReturnType<typeof startMailServer>>;

function read(message: string, recipient: string): ReceivedMail {
  const [head = '', ...body] = message.split('\r\n\r\n');
  // A long header goes on in the next line, which then begins with a space.
  const unfolded = head.replace(/\r\n(?=[ \t])/g, '');
  const header = (name: string): string => new RegExp(`^${name}: (.*)$`, 'im').exec(unfolded)?.[1]?.trim() ?? '';
  return { recipient, subject: header('Subject'), messageId: header('Message-ID'), body: body.join('\r\n\r\n').trim() };
}
