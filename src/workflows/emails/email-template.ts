import { invalid, stale } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import { mutable } from '../../platform/database/mapping.js';
import { sourceViolations, type MailSource } from './rendering/render-mail.js';

/** What an author writes: a Liquid subject, and either a Markdown body or plain text, with Liquid. */
export interface AuthoredTemplate {
  /** By which steps name it: `welcome_lead`. */
  readonly name: string;
  /** Filled in it becomes one line. */
  readonly subject: string;
  /** Markdown, sent as HTML and as text; instead of `text`. */
  readonly body?: string | null;
  /** Plain text, sent as it is; instead of `body`. */
  readonly text?: string | null;
}

/** A mail to be filled in. Each save makes a version; mails name the one that they were made from. */
export class EmailTemplate {
  readonly id!: string;
  readonly organizationId!: string;
  readonly version!: number;
  readonly name!: string;
  readonly subject!: string;
  readonly body!: string | null;
  readonly text!: string | null;
  readonly createdAt!: Date;
  readonly updatedAt!: Date;
  readonly archivedAt!: Date | null;

  private constructor() {}

  /** @throws invalid `invalid-template` with a violation for each fault */
  static create(
    place: { id: string; organizationId: string },
    authored: AuthoredTemplate,
    now: Date,
  ): { template: EmailTemplate; events: DomainEvent[] } {
    const content = contentOf(authored);
    const template = new EmailTemplate();
    Object.assign(mutable(template), place, content, { createdAt: now, updatedAt: now, archivedAt: null });
    return { template, events: [template.event('created')] };
  }

  /** Saves a new version. @throws invalid `invalid-template`, stale */
  change(authored: AuthoredTemplate, now: Date, expectedVersion: number | undefined): DomainEvent[] {
    const content = contentOf(authored);
    this.expectVersion(expectedVersion);
    Object.assign(mutable<EmailTemplate>(this), content, { updatedAt: now });
    return [this.event('changed')];
  }

  /** Takes it out of the lists and frees its name; its versions stay, because mails name them. @throws stale */
  remove(now: Date, expectedVersion: number | undefined): DomainEvent[] {
    this.expectVersion(expectedVersion);
    mutable<EmailTemplate>(this).archivedAt = now;
    return [this.event('removed')];
  }

  private event(type: string): DomainEvent {
    return { type: `workflows.email-template-${type}`, version: 1, payload: { name: this.name } };
  }

  private expectVersion(expectedVersion: number | undefined): void {
    if (expectedVersion === undefined || expectedVersion === this.version) return;
    throw stale(`The template is at version ${this.version}, not ${expectedVersion}; read it again.`, {
      currentVersion: this.version,
    });
  }
}

/** The source of a mail that somebody wrote, checked. @throws invalid `invalid-template` with a violation for each fault */
export function sourceOf({ subject, body = null, text = null }: Omit<AuthoredTemplate, 'name'>): MailSource {
  const source = { subject, body, text };
  const violations =
    (body === null) === (text === null)
      ? [{ pointer: '#/body', message: 'Give either a Markdown body or a plain text.' }]
      : sourceViolations(source);
  const [first] = violations;
  if (first) throw invalid('invalid-template', `${first.pointer}: ${first.message}`, { violations });
  return source;
}

const contentOf = ({ name, ...source }: AuthoredTemplate): MailSource & { readonly name: string } => ({
  name,
  ...sourceOf(source),
});
