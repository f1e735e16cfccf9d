import { BooleanField, IdField, InstantField, TextField } from '../../platform/http/fields.js';

export class SessionView {
  @IdField({ description: 'Id of the session', example: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44' })
  readonly id!: string;

  @TextField({ description: 'The program that signed in', example: 'Mozilla/5.0', maxLength: 200, nullable: true })
  readonly userAgent!: string | null;

  @InstantField({ description: 'When it began', example: '2026-11-22T09:30:00.000Z' })
  readonly createdAt!: string;

  @InstantField({ description: 'When it was last refreshed', example: '2026-11-22T11:15:00.000Z' })
  readonly refreshedAt!: string;

  @InstantField({ description: 'When it ends unless it is refreshed', example: '2026-12-22T11:15:00.000Z' })
  readonly expiresAt!: string;

  @BooleanField({ description: 'Whether this request belongs to it', example: true })
  readonly isCurrent!: boolean;
}
