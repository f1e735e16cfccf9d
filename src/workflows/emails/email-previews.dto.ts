import { JsonObjectField, ListField, TextField } from '../../platform/http/fields.js';
import { EmailSourceBody } from './emails.dto.js';

const EXAMPLE_DATA = { lead: { contact: { firstName: 'Maria' } } };

export class EmailPreviewBody {
  @JsonObjectField({
    description:
      'What the template reads by name; at a step the variables, `variables`, `steps`, `execution` and `data`',
    example: EXAMPLE_DATA,
  })
  readonly data!: object;
}

export class UnsavedEmailPreviewBody extends EmailSourceBody {
  @JsonObjectField({ description: 'What the template reads by name', example: EXAMPLE_DATA })
  readonly data!: object;
}

export class EmailPreviewView {
  @TextField({ description: 'The subject, on one line', example: 'Welcome, Maria', maxLength: 998 })
  readonly subject!: string;

  @TextField({
    description: 'The HTML part; null for a template in plain text',
    example: '<p>Hello Maria,</p>',
    maxLength: 1_000_000,
    nullable: true,
  })
  readonly html!: string | null;

  @TextField({ description: 'The text part', example: 'Hello Maria,', maxLength: 1_000_000 })
  readonly text!: string;

  @ListField({
    description: 'Paths that the template read and the data does not have; they were left out',
    example: ['lead.company.name'],
    of: 'text',
    maxItems: 20_000,
  })
  readonly missing!: readonly string[];
}
