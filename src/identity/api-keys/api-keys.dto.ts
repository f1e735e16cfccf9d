import { IdField, InstantField, IntegerField, ListField, TextField } from '../../platform/http/fields.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const EXAMPLE_PREFIX = 'prv_0193524e4a3c7c119d3a5b1f0a6e2c44';
const EXAMPLE_PERMISSIONS = ['leads:read', 'leads:write'];

export class CreateApiKeyBody {
  @TextField({ description: 'What the key is for', example: 'Web shop', minLength: 1, maxLength: 200, pattern: /\S/ })
  readonly name!: string;

  @ListField({
    description: 'What it may do, no more than you',
    example: EXAMPLE_PERMISSIONS,
    of: 'text',
    maxItems: 100,
  })
  readonly permissions!: readonly string[];

  @InstantField({ description: 'When it stops working, within a year', example: '2027-05-31T00:00:00Z' })
  readonly expiresAt!: string;
}

export class CreatedApiKeyView {
  @IdField({ description: 'Id of the key', example: EXAMPLE_ID })
  readonly id!: string;

  @TextField({
    description: 'The key itself, to be sent as Authorization: Bearer or X-Api-Key; shown only now',
    example: `${EXAMPLE_PREFIX}_3q2-7wX1v0bJ8mQ5n4Rk9sYt6uZcGhLpEaFdViOoBxM`,
    maxLength: 200,
  })
  readonly token!: string;
}

export class ApiKeyView {
  @IdField({ description: 'Id of the key', example: EXAMPLE_ID })
  readonly id!: string;

  @TextField({ description: 'What the key is for', example: 'Web shop', maxLength: 200 })
  readonly name!: string;

  @TextField({ description: 'How the key begins', example: EXAMPLE_PREFIX, maxLength: 40 })
  readonly prefix!: string;

  @ListField({ description: 'What it may do', example: EXAMPLE_PERMISSIONS, of: 'text', maxItems: 100 })
  readonly permissions!: readonly string[];

  @InstantField({ description: 'When it was made', example: '2026-11-22T09:30:00.000Z' })
  readonly createdAt!: string;

  @InstantField({ description: 'When it stops working', example: '2027-05-31T00:00:00.000Z' })
  readonly expiresAt!: string;

  @InstantField({
    description: 'When it was last used, to 10 minutes',
    example: '2026-11-22T11:15:00.000Z',
    nullable: true,
  })
  readonly lastUsedAt!: string | null;

  @InstantField({ description: 'When it was revoked', example: '2026-11-23T08:00:00.000Z', nullable: true })
  readonly revokedAt!: string | null;

  @IntegerField({ description: 'Version', example: 1, minimum: 1, maximum: 2_147_483_647 })
  readonly version!: number;
}
