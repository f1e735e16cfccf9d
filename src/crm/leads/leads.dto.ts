import {
  BooleanField,
  EnumField,
  IdField,
  InstantField,
  IntegerField,
  JsonObjectField,
  MoneyField,
  NestedField,
  NumberField,
  PartialFields,
  TextField,
} from '../../platform/http/fields.js';
import { PageQuery } from '../../platform/http/page-query.js';
import { companySizes, type CompanySize, leadSources, type LeadSource } from './lead-details.js';
import { leadStatuses, type LeadStatus } from './lead-status.js';
import { leadSorts, type LeadSort } from './queries/list-leads.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const absent = { optional: true, nullable: true } as const;
const sourceField = { description: 'How the lead came in', example: 'website' as const, values: leadSources };
const scoreField = { description: 'How promising it is; rules raise it', example: 40, minimum: 0, maximum: 100 };
const assigneeField = { description: 'The member who looks after it', example: EXAMPLE_ID };
const sourceDetailField = {
  description: 'Where exactly, such as the campaign',
  example: 'Spring fair',
  maxLength: 100,
};
const requirementsField = { description: 'What the customer wants, in free form', example: { seats: 40 } };

class CompanyFields {
  @TextField({
    description: 'Name of the company',
    example: 'Bistro Nord',
    minLength: 1,
    maxLength: 255,
    pattern: /\S/,
  })
  readonly name!: string;

  @TextField({ description: 'Branch', example: 'restaurant', maxLength: 100, ...absent })
  readonly industry?: string | null;

  @EnumField({ description: 'Size', example: 'medium', values: companySizes, ...absent })
  readonly size?: CompanySize | null;

  @TextField({ description: 'Its own website', example: 'https://bistro-nord.example', maxLength: 255, ...absent })
  readonly website?: string | null;
}

export class CompanyBody extends CompanyFields {
  @MoneyField({ description: 'Revenue a year', example: 1250000, ...absent })
  readonly annualRevenue?: string | number | null;
}

export class ContactBody {
  @TextField({ description: 'First name', example: 'Ann', minLength: 1, maxLength: 100, pattern: /\S/ })
  readonly firstName!: string;

  @TextField({ description: 'Last name', example: 'Lee', minLength: 1, maxLength: 100, pattern: /\S/ })
  readonly lastName!: string;

  @TextField({ description: 'Position', example: 'Kitchen manager', maxLength: 100, ...absent })
  readonly title?: string | null;

  @TextField({ description: 'E-mail', example: 'ann@bistro-nord.example', maxLength: 254, format: 'email' })
  readonly email!: string;

  @TextField({ description: 'Phone, best with country code', example: '+1 415 555 2671', maxLength: 50, ...absent })
  readonly phone?: string | null;
}

export class CreateLeadBody {
  @EnumField(sourceField)
  readonly source!: LeadSource;

  @TextField({ ...sourceDetailField, ...absent })
  readonly sourceDetail?: string | null;

  @EnumField({ description: 'A lead begins as new', example: 'new', values: ['new'], optional: true })
  readonly status?: 'new';

  @IntegerField({ ...scoreField, optional: true })
  readonly score?: number;

  @NestedField({ description: 'The company', type: () => CompanyBody })
  readonly company!: CompanyBody;

  @NestedField({ description: 'Whom to talk to', type: () => ContactBody })
  readonly contact!: ContactBody;

  @JsonObjectField({ ...requirementsField, ...absent })
  readonly requirements?: object | null;

  @IdField({ ...assigneeField, ...absent })
  readonly assigneeId?: string | null;
}

class CompanyChange extends PartialFields(CompanyBody) {}

class ContactChange extends PartialFields(ContactBody) {}

/** Changes of a lead: what is absent stays, `null` empties. */
export class ChangeLeadBody {
  @EnumField({ ...sourceField, optional: true })
  readonly source?: LeadSource;

  @TextField({ ...sourceDetailField, ...absent })
  readonly sourceDetail?: string | null;

  @EnumField({ description: 'How far it has come', example: 'contacted', values: leadStatuses, optional: true })
  readonly status?: LeadStatus;

  @IntegerField({ ...scoreField, optional: true })
  readonly score?: number;

  @NestedField({ description: 'The company', type: () => CompanyChange, optional: true })
  readonly company?: CompanyChange;

  @NestedField({ description: 'Whom to talk to', type: () => ContactChange, optional: true })
  readonly contact?: ContactChange;

  @JsonObjectField({ ...requirementsField, ...absent })
  readonly requirements?: object | null;

  @IdField({ ...assigneeField, ...absent })
  readonly assigneeId?: string | null;
}

export class CreateLeadQuery {
  @BooleanField({ description: 'Create it although leads like it are known', example: false, fallback: false })
  readonly allowDuplicate!: boolean;
}

export class LeadsQuery extends PageQuery {
  @EnumField({ description: 'Only those of this status', example: 'new', values: leadStatuses, optional: true })
  readonly status?: LeadStatus;

  @EnumField({ ...sourceField, description: 'Only those that came in so', optional: true })
  readonly source?: LeadSource;

  @IdField({ ...assigneeField, description: 'Only those of this member', optional: true })
  readonly assigneeId?: string;

  @IntegerField({ ...scoreField, description: 'Only those with at least this score', optional: true })
  readonly minScore?: number;

  @IntegerField({ ...scoreField, description: 'Only those with at most this score', optional: true })
  readonly maxScore?: number;

  @InstantField({ description: 'Only those from this instant on', example: '2026-11-01T00:00:00Z', optional: true })
  readonly createdFrom?: string;

  @InstantField({ description: 'Only those before this instant', example: '2026-12-01T00:00:00Z', optional: true })
  readonly createdTo?: string;

  @TextField({
    description: "Part of the company's name, the contact's name or e-mail; the newest 10,000 that match",
    example: 'bistro',
    minLength: 2,
    maxLength: 100,
    optional: true,
  })
  readonly search?: string;

  @EnumField({
    description: 'What the list is sorted by',
    example: 'score',
    values: Object.keys(leadSorts) as LeadSort[],
    fallback: 'createdAt',
  })
  readonly sort!: LeadSort;

  @EnumField({ description: 'Direction', example: 'desc', values: ['asc', 'desc'], fallback: 'desc' })
  readonly order!: 'asc' | 'desc';
}

class CompanyAnswer extends CompanyFields {
  @NumberField({
    description: 'Revenue a year',
    example: 1250000,
    minimum: 0,
    maximum: 9_999_999_999_999.99,
    nullable: true,
  })
  readonly annualRevenue!: number | null;
}

export class LeadAnswer {
  @IdField({ description: 'UUID v7', example: EXAMPLE_ID })
  readonly id!: string;

  @IntegerField({ description: 'Version', example: 1, minimum: 1, maximum: 2_147_483_647 })
  readonly version!: number;

  @EnumField(sourceField)
  readonly source!: LeadSource;

  @TextField({ ...sourceDetailField, nullable: true })
  readonly sourceDetail!: string | null;

  @EnumField({ description: 'How far it has come', example: 'new', values: leadStatuses })
  readonly status!: LeadStatus;

  @IntegerField(scoreField)
  readonly score!: number;

  @NestedField({ description: 'The company', type: () => CompanyAnswer })
  readonly company!: CompanyAnswer;

  @NestedField({ description: 'Whom to talk to', type: () => ContactBody })
  readonly contact!: ContactBody;

  @JsonObjectField({ ...requirementsField, nullable: true })
  readonly requirements!: object | null;

  @IdField({ ...assigneeField, nullable: true })
  readonly assigneeId!: string | null;

  @InstantField({ description: 'When it came in', example: '2026-11-22T09:30:00.000Z' })
  readonly createdAt!: string;

  @IdField({ description: 'Who entered or imported it', example: EXAMPLE_ID })
  readonly createdBy!: string;

  @InstantField({ description: 'When it was last changed', example: '2026-11-22T09:30:00.000Z' })
  readonly updatedAt!: string;
}
