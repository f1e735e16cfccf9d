import { stale } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import { mutable } from '../../platform/database/mapping.js';
import { identityEvent } from '../identity.events.js';

/** A tenant: all data of a business belong to one. */
export class Organization {
  readonly id!: string;
  readonly name!: string;
  /** Short name for sign-ins and addresses; unique over all organizations and fixed. */
  readonly slug!: string;
  readonly version!: number;
  readonly createdAt!: Date;

  private constructor() {}

  static create(input: { id: string; name: string; slug: string }, now: Date): [Organization, DomainEvent] {
    const organization = Object.assign(new Organization(), { ...input, createdAt: now });
    return [organization, identityEvent('organization-created', { slug: input.slug })];
  }

  rename(name: string): DomainEvent[] {
    if (name === this.name) return [];
    mutable<Organization>(this).name = name;
    return [identityEvent('organization-renamed')];
  }

  /** @throws stale when the caller saw another version */
  expectVersion(version: number | undefined): void {
    if (version !== undefined && version !== this.version) {
      throw stale(`The organization is at version ${this.version}, not ${version}; read it again.`);
    }
  }
}

/** The slug that a name gives when none is chosen: small letters, digits and single hyphens, at most 63. */
export const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-|-$/g, '');
