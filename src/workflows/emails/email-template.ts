import { invalid, stale } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import type { JsonObject } from '../../kernel/json.js';
import { mutable } from '../../platform/database/mapping.js';
import { placeholdersOf, renderValue } from '../engine/template.js';

/** What an author writes; subject and text take placeholders, `{{lead.contact.firstName}}`. */
export interface AuthoredTemplate {
  /** By which steps name it: `welcome_lead`. */
  readonly name: string;
  readonly subject: string;
  readonly text: string;
}

/** A mail to be filled in. */
export class EmailTemplate {
  readonly id!: string;
  readonly organizationId!: string;
  readonly version!: number;
  readonly name!: string;
  readonly subject!: string;
  readonly text!: string;
  readonly createdAt!: Date;
  readonly updatedAt!: Date;

  private constructor() {}

  /** @throws invalid `invalid-template` */
  static create(
    place: { id: string; organizationId: string },
    authored: AuthoredTemplate,
    now: Date,
  ): { template: EmailTemplate; events: DomainEvent[] } {
    expectReadable(authored);
    const template = new EmailTemplate();
    Object.assign(mutable(template), place, authored, { createdAt: now, updatedAt: now });
    return { template, events: [template.event('created')] };
  }

  /** @throws invalid `invalid-template`, stale */
  change(authored: AuthoredTemplate, now: Date, expectedVersion: number | undefined): DomainEvent[] {
    expectReadable(authored);
    this.expectVersion(expectedVersion);
    Object.assign(mutable<EmailTemplate>(this), authored, { updatedAt: now });
    return [this.event('changed')];
  }

  /** @throws stale */
  remove(expectedVersion: number | undefined): DomainEvent[] {
    this.expectVersion(expectedVersion);
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

/** Subject and text with their placeholders filled in; what is missing is left out, a subject stays on one line. */
export const fillIn = (
  { subject, text }: Pick<AuthoredTemplate, 'subject' | 'text'>,
  scope: JsonObject,
): { subject: string; text: string } => ({
  subject: onOneLine(fillInText(subject, scope)),
  text: fillInText(text, scope),
});

/** A header must not hold line breaks. */
export const onOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

// With something around it, a lone placeholder becomes text as well.
const fillInText = (text: string, scope: JsonObject): string =>
  (renderValue(`${text}\n`, scope) as string).slice(0, -1);

function expectReadable({ subject, text }: AuthoredTemplate): void {
  const violations = placeholdersOf({ subject, text })
    .filter(({ path }) => !path)
    .map(({ place, text: placeholder }) => ({
      pointer: `#/${place.join('/')}`,
      message: `${placeholder.slice(0, 100)} is no placeholder; write {{lead.company.name}}.`,
    }));
  const [first] = violations;
  if (first) throw invalid('invalid-template', first.message, { violations });
}
