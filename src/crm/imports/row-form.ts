import { isObject, type JsonValue } from '../../kernel/json.js';
import { compiledCheck } from '../../platform/http/compiled-check.js';
import { InputPipe } from '../../platform/http/validation.js';
import { companySizes, leadSources } from '../leads/lead-details.js';
import { CreateLeadBody } from '../leads/leads.dto.js';

const pipe = new InputPipe();

/** The content of a row as the body of `POST /leads`. @throws malformed `invalid-body` with every fault */
export function leadBodyOf(content: JsonValue): CreateLeadBody {
  return isPlain(content) ? content : plainlyChecked(content);
}

/** What is quick to be seen as right need not be checked by the input class, which costs ten times as much. */
function isPlain(content: JsonValue): content is JsonValue & CreateLeadBody {
  if (!isObject(content)) return false;
  try {
    checkPlain(content);
    return true;
  } catch {
    return false;
  }
}

/** The reference: what the input class says of the content. */
export const plainlyChecked = (content: JsonValue): CreateLeadBody =>
  pipe.transform(content, { type: 'body', metatype: CreateLeadBody }) as CreateLeadBody;

const name = (maxLength: number): object => ({ type: 'string', minLength: 1, maxLength, pattern: '\\S' });
const textOrNull = (maxLength: number): object => ({ type: ['string', 'null'], maxLength });
const nested = (required: readonly string[], properties: object): object => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});

/** Leads in their usual form; whatever else is right too goes the longer way. */
const checkPlain = compiledCheck<CreateLeadBody>({
  ...nested(['source', 'company', 'contact'], {
    source: { type: 'string', enum: leadSources },
    sourceDetail: textOrNull(100),
    score: { type: 'integer', minimum: 0, maximum: 100 },
    company: nested(['name'], {
      name: name(255),
      industry: textOrNull(100),
      size: { type: 'string', enum: companySizes },
      website: textOrNull(255),
      annualRevenue: { type: 'integer', minimum: 0, maximum: 9_999_999_999_999 },
    }),
    contact: nested(['firstName', 'lastName', 'email'], {
      firstName: name(100),
      lastName: name(100),
      title: textOrNull(100),
      email: {
        type: 'string',
        pattern: '^[a-zA-Z\\d]([\\w+-]|\\.(?=[\\w+-])){0,50}@([a-zA-Z\\d]{1,60}\\.){1,3}[a-zA-Z]{2,20}$',
      },
      phone: textOrNull(50),
    }),
    requirements: { type: 'object', additionalProperties: true },
  }),
});
