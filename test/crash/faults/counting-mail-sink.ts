import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { recipients } from './definition-blocks.js';

/** So long the server thinks before it answers, so that there is a moment in which a mail is on its way. */
const THINKS_MS = 20;

/** When a trap springs: the server has the mail and has not answered, or has just answered. */
export type MailMoment = 'received' | 'answered';

/** Mails that all servers of a run took, by message id, and recipients that were refused once. */
export class MailCount {
  readonly taken: string[] = [];
  private readonly refusedOnce = new Set<string>();

  /** The SMTP status with which a mail is answered; it counts when it is taken. */
  answer(recipient: string, messageId: string): number {
    if (recipient.startsWith(recipients.refused)) return 550;
    if (recipient.startsWith(recipients.flaky) && !this.refusedOnce.has(recipient)) {
      this.refusedOnce.add(recipient);
      return 451;
    }
    this.taken.push(messageId);
    return 250;
  }
}

/** A real SMTP server for one process, so that a mail tells which process sends it. */
export class CountingMailSink {
  private trap: { readonly moment: MailMoment; readonly spring: () => void } | undefined;

  private constructor(
    private readonly server: SMTPServer,
    private readonly count: MailCount,
  ) {}

  static async start(count: MailCount): Promise<CountingMailSink> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData: (stream, session, done) => {
        const recipient = session.envelope.rcptTo[0]?.address ?? '';
        // A sender that breaks off in the middle has not delivered anything.
        void text(stream).then(
          (message) => sink.receive(recipient, messageIdOf(message), done),
          () => undefined,
        );
      },
    });
    const sink = new CountingMailSink(server, count);
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  /** Calls back once, at the next mail. */
  arm(moment: MailMoment, spring: () => void): void {
    this.trap = { moment, spring };
  }

  disarm(): void {
    this.trap = undefined;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(resolve));
  }

  private async receive(recipient: string, messageId: string, done: (error?: Error) => void): Promise<void> {
    const code = this.count.answer(recipient, messageId);
    this.springAt('received');
    await sleep(THINKS_MS);
    done(code === 250 ? undefined : Object.assign(new Error('refused by the test'), { responseCode: code }));
    this.springAt('answered');
  }

  private springAt(moment: MailMoment): void {
    const { trap } = this;
    if (trap?.moment !== moment) return;
    this.trap = undefined;
    trap.spring();
  }
}

const messageIdOf = (message: string): string => {
  // A long header goes on in the next line, which then begins with a space.
  const head = message.split('\r\n\r\n', 1)[0]!.replace(/\r\n(?=[ \t])/g, '');
  return /^Message-ID: *<(.*)>$/im.exec(head)?.[1]?.trim() ?? '';
};
