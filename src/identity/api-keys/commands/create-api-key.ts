import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { DomainError, invalid } from '../../../kernel/domain-error.js';
import type { Actor } from '../../../platform/http/actor.js';
import { permissions } from '../../access/permissions.js';
import { ApiKey } from '../api-key.js';

export interface CreateApiKeyInput {
  readonly name: string;
  readonly permissions: readonly string[];
  /** ISO 8601, within a year. */
  readonly expiresAt: string;
}

/** A new API key; its token can be had only here. */
export interface CreatedApiKey {
  readonly id: string;
  readonly token: string;
}

/** Makes an API key of the actor's organization that can do no more than the actor. */
export class CreateApiKey extends Command<CreatedApiKey> {
  constructor(
    readonly actor: Actor,
    readonly input: CreateApiKeyInput,
  ) {
    super();
  }
}

@CommandHandler(CreateApiKey)
export class CreateApiKeyHandler implements ICommandHandler<CreateApiKey> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws invalid `unknown-permission` or `bad-expiry`, forbidden `permission-not-grantable` */
  async execute({ actor, input }: CreateApiKey): Promise<CreatedApiKey> {
    expectKnown(input.permissions);
    expectHeld(actor, input.permissions);
    return this.unitOfWork.run(actor, async (unit) => {
      const { organizationId } = actor;
      const { apiKey, token, event } = ApiKey.create(
        { ...input, organizationId, expiresAt: new Date(input.expiresAt) },
        new Date(),
      );
      unit.em.persist(apiKey);
      unit.record('api-key', apiKey, event);
      unit.keepAnswerSecret(`/api/v1/api-keys/${apiKey.id}`);
      return { id: apiKey.id, token };
    });
  }
}

function expectKnown(wanted: readonly string[]): void {
  const known: readonly string[] = permissions;
  if (wanted.length > 0 && wanted.every((permission) => known.includes(permission))) return;
  throw invalid('unknown-permission', 'Give at least one permission of those in `allowed`, and no other.', {
    violations: [{ pointer: '#/permissions', message: 'must hold permissions of an organization' }],
    allowed: permissions,
  });
}

function expectHeld({ permissions: held }: Actor, wanted: readonly string[]): void {
  const permission = wanted.find((candidate) => !held.has(candidate));
  if (permission === undefined) return;
  const message = `You do not have the permission ${permission}, so a key of yours cannot have it either.`;
  throw new DomainError('forbidden', 'permission-not-grantable', message, { permission });
}
