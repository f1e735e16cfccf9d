import { EnumField, IdField, IntegerField, ListField, TextField } from '../../platform/http/fields.js';
import { LEAST_PASSWORD_LENGTH } from './passwords.js';

const EXAMPLE_REFRESH_TOKEN =
  'prr_0193524e4a3c7c119d3a5b1f0a6e2c44_3q2-7wX1v0bJ8mQ5n4Rk9sYt6uZcGhLpEaFdViOoBxM_kT5yHn2mVw8LqR1pXzC7dJ4sFgB9aUoEi0tYhQvNcWl';
const EXAMPLE_INVITATION = 'pri_0193524e4a3c7c119d3a5b1f0a6e2c44_3q2-7wX1v0bJ8mQ5n4Rk9sYt6uZcGhLpEaFdViOoBxM';

const REFRESH_TOKEN = 'The refresh token; it can be used once';

export class LoginBody {
  @TextField({ description: 'E-mail', example: 'owner@demo.test', minLength: 3, maxLength: 254 })
  readonly email!: string;

  @TextField({ description: 'Password', example: 'demo-password', minLength: 1, maxLength: 200 })
  readonly password!: string;

  @TextField({
    description: 'Id or slug of the organization; needed by people who belong to several',
    example: 'demo',
    minLength: 1,
    maxLength: 63,
    optional: true,
  })
  readonly organization?: string;
}

/** The refresh token under our name or under that of the answer that gave it. */
export class RefreshBody {
  @TextField({ description: REFRESH_TOKEN, example: EXAMPLE_REFRESH_TOKEN, maxLength: 200, optional: true })
  readonly refreshToken?: string;

  @TextField({
    description: `${REFRESH_TOKEN}, by the name that the answer gives it; instead of refreshToken`,
    example: EXAMPLE_REFRESH_TOKEN,
    maxLength: 200,
    optional: true,
  })
  readonly refresh_token?: string;
}

export class AcceptInvitationBody {
  @TextField({ description: 'The token of the invitation', example: EXAMPLE_INVITATION, maxLength: 200 })
  readonly token!: string;

  @TextField({
    description: 'The password to be set; of somebody who has an account already, the present one',
    example: 'correct horse battery',
    minLength: LEAST_PASSWORD_LENGTH,
    maxLength: 200,
  })
  readonly password!: string;
}

/** OAuth's own form (RFC 6749, 5.1), names included. */
export class TokenView {
  @TextField({ description: 'JWT, to be sent as Authorization: Bearer', example: 'eyJhbGciOi…', maxLength: 2000 })
  readonly access_token!: string;

  @EnumField({ description: 'How the access token is sent', example: 'Bearer', values: ['Bearer'] })
  readonly token_type!: 'Bearer';

  @IntegerField({ description: 'Seconds that the access token is good for', example: 900, minimum: 1, maximum: 900 })
  readonly expires_in!: number;

  @TextField({ description: 'Exchanged for new tokens, once', example: EXAMPLE_REFRESH_TOKEN, maxLength: 200 })
  readonly refresh_token!: string;
}

export class AcceptedView {
  @IdField({ description: 'The organization', example: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44' })
  readonly organizationId!: string;

  @IdField({ description: 'The person, who may sign in now', example: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c45' })
  readonly userId!: string;
}

export class MeView {
  @EnumField({ description: 'A person or a machine', example: 'user', values: ['user', 'api-key', 'system'] })
  readonly type!: 'user' | 'api-key' | 'system';

  @IdField({ description: 'Id of the user or API key', example: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44' })
  readonly id!: string;

  @IdField({ description: 'The organization', example: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c45' })
  readonly organizationId!: string;

  @ListField({ description: 'Roles of a user', example: ['manager'], of: 'text', maxItems: 10 })
  readonly roles!: readonly string[];

  @ListField({ description: 'What the caller may do', example: ['leads:read'], of: 'text', maxItems: 100 })
  readonly permissions!: readonly string[];
}
