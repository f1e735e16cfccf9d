import type { JsonObject } from '../../kernel/json.js';
import type { LeadSource } from './lead-details.js';

/** A record of the demo's data set: people who asked for a course, with what became of them. */
export type ProspectRecord = Readonly<Record<string, string>>;

const sources: Readonly<Record<string, LeadSource>> = {
  Google: 'website',
  google: 'website',
  bing: 'website',
  'Organic Search': 'website',
  'Direct Traffic': 'website',
  Reference: 'referral',
  'Referral Sites': 'referral',
  Facebook: 'social',
  'Youtube Channel': 'social',
};

/** Columns that tell what somebody wants; the last two hold "Select" where nothing was chosen. */
const requirementColumns: readonly [name: string, column: string, read: (text: string) => string | number][] = [
  ['origin', 'LeadOrigin', String],
  ['totalVisits', 'TotalVisits', Number],
  ['totalTimeSeconds', 'TotalTime', Number],
  ['pageViews', 'PageViews', Number],
  ['specialization', 'Specialization', String],
  ['occupation', 'Occupation', String],
];

/**
 * A prospect as the body of `POST /leads`. The data set names nobody, so names and e-mail are made of the id; what the
 * source is called there stays in `sourceDetail`; whether the prospect bought (`Converted`) is left out.
 */
export function leadOfProspect(prospect: ProspectRecord): JsonObject {
  const id = prospect.ProspectID ?? '';
  const name = id.slice(0, 8);
  const source = prospect.LeadSource ?? '';
  return {
    source: Object.hasOwn(sources, source) ? sources[source]! : 'import',
    ...(source !== '' && { sourceDetail: source }),
    company: { name: `Prospect ${name}` },
    contact: { firstName: 'Prospect', lastName: name, email: `${id}@leads.example` },
    requirements: requirementsOf(prospect),
  };
}

function requirementsOf(prospect: ProspectRecord): JsonObject {
  const given = requirementColumns.filter(([, column]) => {
    const text = prospect[column] ?? '';
    return text !== '' && text !== 'Select';
  });
  return Object.fromEntries(given.map(([name, column, read]) => [name, read(prospect[column]!)]));
}
