import { canonicalJson } from '../../kernel/canonical-json.js';
import type { JsonObject } from '../../kernel/json.js';
import type { LeadDetails } from './lead-details.js';

/** Fields of which the trail says that they changed, and not what they hold: they tell of a person. */
const isPersonal = (path: string): boolean => path.startsWith('contact.') || path === 'requirements';

const flat = ({ company, contact, ...others }: LeadDetails): Map<string, unknown> =>
  new Map([
    ...Object.entries(others),
    ...Object.entries(company).map(([name, value]) => [`company.${name}`, value] as const),
    ...Object.entries(contact).map(([name, value]) => [`contact.${name}`, value] as const),
  ]);

/** What differs between two states of a lead, as the trail tells it: `{field, from?, to?}`. */
export function changedFields(before: LeadDetails, after: LeadDetails): JsonObject[] {
  const old = flat(before);
  return [...flat(after)]
    .filter(([path, value]) => canonicalJson(value) !== canonicalJson(old.get(path)))
    .map(([field, to]) => ({ field, ...(!isPersonal(field) && { from: old.get(field), to }) }) as JsonObject);
}
