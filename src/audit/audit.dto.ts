import { ApiProperty } from '@nestjs/swagger';
import { EnumField, IdField, InstantField, IntegerField, TextField } from '../platform/http/fields.js';
import { exportFormats, type ExportFormat } from './queries/export-trail.js';

const id = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const hash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const instant = '2026-11-22T09:30:00.000Z';

/** Where in a list of the trail to go on; it has no numbered pages, because nobody counts it. */
export class WindowQuery {
  @IntegerField({ description: 'Items on one page', example: 50, minimum: 1, maximum: 100, fallback: 50 })
  readonly limit!: number;

  @TextField({
    description: 'The `nextCursor` of the answer before',
    example: 'WyIyMDI2LTExLTIyIl0',
    minLength: 1,
    maxLength: 1000,
    pattern: /^[\w-]+$/,
    optional: true,
  })
  readonly cursor?: string;
}

export class ListEventsQuery extends WindowQuery {
  @TextField({ description: 'Only events of this aggregate', example: `lead:${id}`, maxLength: 200, optional: true })
  readonly stream?: string;

  @TextField({ description: 'Only events of this type', example: 'rules.executed', maxLength: 200, optional: true })
  readonly type?: string;

  @TextField({
    description: 'Only events about this subject, `type:id`; instead of subjectType and subjectId',
    example: `lead:${id}`,
    pattern: /^[a-z][a-z-]*:[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/,
    maxLength: 200,
    optional: true,
  })
  readonly subject?: string;

  @TextField({ description: 'Only subjects of this type', example: 'lead', maxLength: 100, optional: true })
  readonly subjectType?: string;

  @IdField({ description: 'Only events about this subject', example: id, optional: true })
  readonly subjectId?: string;

  @IdField({ description: 'Only decisions in which this rule matched or failed', example: id, optional: true })
  readonly ruleId?: string;

  @IdField({ description: 'Only what this user or API key did', example: id, optional: true })
  readonly actorId?: string;

  @TextField({ description: 'Only this trail of causes', example: 'import-2026-11-22', maxLength: 200, optional: true })
  readonly correlationId?: string;

  @InstantField({ description: 'From, inclusive', example: '2026-11-01T00:00:00Z', optional: true })
  readonly from?: string;

  @InstantField({ description: 'Until, exclusive', example: '2026-12-01T00:00:00Z', optional: true })
  readonly to?: string;
}

/** A part of the trail from seal to seal. */
export class RangeQuery {
  @InstantField({
    description: 'Begin after the newest seal made at or before this time; at the first event when absent',
    example: '2026-11-01T00:00:00Z',
    optional: true,
  })
  readonly from?: string;

  @InstantField({
    description: 'End with the oldest seal made at or after this time; with the newest events when absent',
    example: '2026-12-01T00:00:00Z',
    optional: true,
  })
  readonly to?: string;
}

export class ExportQuery extends RangeQuery {
  @EnumField<ExportFormat>({
    description: '`ndjson` with hashes, seals and keys, for scripts/verify-export.mjs; `cloudevents` the events alone',
    example: 'ndjson',
    values: exportFormats,
    fallback: 'ndjson',
  })
  readonly format!: ExportFormat;
}

export class TimelineParameters {
  @TextField({ description: 'What kind of thing', example: 'lead', minLength: 1, maxLength: 100 })
  readonly subjectType!: string;

  @IdField({ description: 'Which one', example: id })
  readonly subjectId!: string;
}

class Reference {
  @ApiProperty({ description: 'Kind', example: 'lead' })
  readonly type!: string;

  @ApiProperty({ description: 'Id', format: 'uuid', example: id })
  readonly id!: string;
}

/** A recorded event. */
export class EventAnswer {
  @ApiProperty({ description: 'Id, UUID v7', format: 'uuid', example: id })
  readonly id!: string;

  @ApiProperty({ description: 'When, to the millisecond', format: 'date-time', example: instant })
  readonly occurredAt!: string;

  @ApiProperty({ description: 'What happened', example: 'crm.lead-created' })
  readonly type!: string;

  @ApiProperty({ description: 'Version of the payload’s shape', type: 'integer', example: 1 })
  readonly typeVersion!: number;

  @ApiProperty({ description: 'The aggregate that told it', example: `lead:${id}` })
  readonly stream!: string;

  @ApiProperty({ description: 'Version of the aggregate after the change', type: 'integer', example: 1 })
  readonly streamVersion!: number;

  @ApiProperty({ description: 'Place among the events of that version', type: 'integer', example: 0 })
  readonly ordinal!: number;

  @ApiProperty({ description: 'What it is about', type: Reference })
  readonly subject!: Reference;

  @ApiProperty({ description: 'Who did it', type: Reference, example: { type: 'user', id } })
  readonly actor!: Reference;

  @ApiProperty({ description: 'The trail of causes that it is on', example: 'import-2026-11-22' })
  readonly correlationId!: string;

  @ApiProperty({
    description: 'The event that made it happen',
    type: 'string',
    format: 'uuid',
    nullable: true,
    example: id,
  })
  readonly causationId!: string | null;

  @ApiProperty({ description: 'How many causes stand before it', type: 'integer', example: 0 })
  readonly depth!: number;

  @ApiProperty({ description: 'Whether reactions are told of it', example: true })
  readonly published!: boolean;

  @ApiProperty({ description: 'Which cluster wrote it', type: 'integer', example: 1 })
  readonly epoch!: number;

  @ApiProperty({ description: 'Leaf hash as stored, hex', example: hash })
  readonly leafHash!: string;

  @ApiProperty({
    description: 'What the type tells; null when the row was damaged so that it cannot be read',
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { score: 70 },
  })
  readonly payload!: object | null;
}

export class TimelineEntryAnswer extends EventAnswer {
  @ApiProperty({ description: 'What happened, for people', example: 'A lead came in.' })
  readonly sentence!: string;
}

/** The state of the organization's tree. */
export class HeadAnswer {
  @ApiProperty({ description: 'Whose trail', format: 'uuid', example: id })
  readonly organizationId!: string;

  @ApiProperty({ description: 'Events that are sealed', type: 'integer', example: 1520 })
  readonly treeSize!: number;

  @ApiProperty({ description: 'Root over their leaf hashes, hex', example: hash })
  readonly root!: string;
}

/** A signed statement of what a tree held. */
export class SealAnswer extends HeadAnswer {
  @ApiProperty({ description: 'Epoch of the last event covered', type: 'integer', example: 1 })
  readonly lastEpoch!: number;

  @ApiProperty({ description: 'Transaction of the last event covered', example: '48213' })
  readonly lastTx!: string;

  @ApiProperty({ description: 'Position of the last event covered', example: '1520' })
  readonly lastPosition!: string;

  @ApiProperty({ description: 'Hash of the seal before, hex', type: 'string', nullable: true, example: hash })
  readonly previousSealHash!: string | null;

  @ApiProperty({ description: 'When it was signed', format: 'date-time', example: instant })
  readonly sealedAt!: string;

  @ApiProperty({ description: 'Key that signed it', example: '1f3a5b7c9d0e2f41' })
  readonly keyId!: string;

  @ApiProperty({ description: 'Ed25519, base64', example: 'q80m…Aw==' })
  readonly signature!: string;
}

/** That an event is a leaf of the tree under the newest seal. */
export class EventProofAnswer {
  @ApiProperty({ description: 'The event', format: 'uuid', example: id })
  readonly eventId!: string;

  @ApiProperty({ description: 'Its leaf hash, computed from the row, hex', example: hash })
  readonly leafHash!: string;

  @ApiProperty({ description: 'Index of the leaf, from 0', type: 'integer', example: 811 })
  readonly index!: number;

  @ApiProperty({
    description: 'Audit path of RFC 6962, hex, the deepest sibling first',
    type: [String],
    example: [hash],
  })
  readonly path!: readonly string[];

  @ApiProperty({ description: 'The newest seal', type: SealAnswer })
  readonly seal!: SealAnswer;
}

export class AuditKeyAnswer {
  @ApiProperty({ description: 'Id of the key', example: '1f3a5b7c9d0e2f41' })
  readonly keyId!: string;

  @ApiProperty({ description: 'Ed25519 public key, PEM (SPKI)', example: '-----BEGIN PUBLIC KEY-----…' })
  readonly publicKey!: string;

  @ApiProperty({ description: 'When it was first used here', format: 'date-time', example: instant })
  readonly firstUsedAt!: string;
}

class FindingAnswer {
  @ApiProperty({ description: 'Kind of fault', example: 'row-changed' })
  readonly kind!: string;

  @ApiProperty({ description: 'What is wrong', example: 'The row was changed.' })
  readonly message!: string;

  @ApiProperty({ description: 'Leaf that it concerns', type: 'integer', required: false, example: 811 })
  readonly index?: number;

  @ApiProperty({ description: 'Event that it concerns', format: 'uuid', required: false, example: id })
  readonly eventId?: string;
}

/** What verification found. */
export class TrailReportAnswer {
  @ApiProperty({ description: 'Whether nothing is wrong', example: true })
  readonly ok!: boolean;

  @ApiProperty({ description: 'First leaf looked at', type: 'integer', example: 0 })
  readonly from!: number;

  @ApiProperty({ description: 'Leaves of the tree after the last one looked at', type: 'integer', example: 1520 })
  readonly treeSize!: number;

  @ApiProperty({ description: 'Root over them, hex', example: hash })
  readonly root!: string;

  @ApiProperty({ description: 'Events seen', type: 'integer', example: 1521 })
  readonly events!: number;

  @ApiProperty({ description: 'Events that no seal covers yet', type: 'integer', example: 1 })
  readonly unsealed!: number;

  @ApiProperty({
    description: 'Keys whose signatures held; compare them with those you trust',
    type: [String],
    example: ['1f3a5b7c9d0e2f41'],
  })
  readonly keyIds!: readonly string[];

  @ApiProperty({ description: 'Faults found', type: 'integer', example: 0 })
  readonly faults!: number;

  @ApiProperty({ description: 'The first 1,000 of them', type: [FindingAnswer] })
  readonly findings!: readonly FindingAnswer[];
}
