import { IdField, InstantField, IntegerField, TextField } from '../../platform/http/fields.js';

export class RenameOrganizationBody {
  @TextField({ description: 'The new name', example: 'Harbour Kitchens', minLength: 1, maxLength: 200, pattern: /\S/ })
  readonly name!: string;
}

export class OrganizationView {
  @IdField({ description: 'Id of the organization', example: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44' })
  readonly id!: string;

  @TextField({ description: 'Name', example: 'Harbour Kitchens', maxLength: 200 })
  readonly name!: string;

  @TextField({ description: 'Short name for sign-ins; it stays', example: 'harbour-kitchens', maxLength: 63 })
  readonly slug!: string;

  @InstantField({ description: 'When it was made', example: '2026-11-22T09:30:00.000Z' })
  readonly createdAt!: string;

  @IntegerField({ description: 'Version, for If-Match', example: 1, minimum: 1, maximum: 2_147_483_647 })
  readonly version!: number;
}
