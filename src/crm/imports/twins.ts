import type { EntityManager } from '@mikro-orm/postgresql';
import type { Candidate } from '../leads/duplicates.js';

/** Two rows of one upload that are the same lead. */
interface Twin {
  /** Line of the later row. */
  readonly place: number;
  /** Line of the earlier one. */
  readonly earlier: number;
}

/** Tells which rows of one chunk repeat an earlier row that is to become a lead. Rows are to be asked in order. */
export class Twins {
  private readonly accepted = new Map<string, number>();

  private constructor(private readonly similar: ReadonlyMap<number, readonly number[]>) {}

  static async among(em: EntityManager, candidates: readonly Candidate[]): Promise<Twins> {
    const similar = new Map<number, number[]>();
    for (const { place, earlier } of await similarPairs(em, candidates)) {
      similar.set(place, [...(similar.get(place) ?? []), earlier]);
    }
    return new Twins(similar);
  }

  /** The line of an accepted row that is the same lead. */
  find(candidate: Candidate): number | undefined {
    const known = namesOf(candidate).map((name) => this.accepted.get(name));
    return known.find((line) => line !== undefined) ?? this.similarTo(candidate.place);
  }

  accept(candidate: Candidate): void {
    for (const name of namesOf(candidate)) this.accepted.set(name, candidate.place);
  }

  private similarTo(place: number): number | undefined {
    return this.similar.get(place)?.find((line) => this.accepted.has(`line ${line}`));
  }
}

const namesOf = ({ place, foldedEmail, phoneE164 }: Candidate): string[] => [
  `line ${place}`,
  `email ${foldedEmail}`,
  ...(phoneE164 === null ? [] : [`phone ${phoneE164}`]),
];

/** Pairs of rows with a similar company name on the same website; as similar as for stored leads. */
async function similarPairs(em: EntityManager, candidates: readonly Candidate[]): Promise<Twin[]> {
  const withWebsite = candidates.filter(({ websiteDomain }) => websiteDomain !== null);
  if (withWebsite.length < 2) return [];
  return em.execute<Twin[]>(
    `with candidate as materialized (
       select * from jsonb_to_recordset(?::jsonb) as candidate(place integer, "websiteDomain" text, "companyName" text)
     )
     select later.place, earlier.place as earlier from candidate earlier join candidate later
       on earlier."websiteDomain" = later."websiteDomain" and earlier.place < later.place
     where similarity(earlier."companyName", later."companyName") >= 0.85::real`,
    [JSON.stringify(withWebsite)],
  );
}

/** Finds the rows of earlier chunks that a dry run would have made leads of. */
export function findPreviewed(em: EntityManager, importId: string, candidates: readonly Candidate[]): Promise<Twin[]> {
  return em.execute<Twin[]>(
    `with candidate as materialized (
       select * from jsonb_to_recordset(?::jsonb)
         as candidate(place integer, "foldedEmail" text, "phoneE164" text, "websiteDomain" text, "companyName" text)
     ), preview as not materialized (select * from lead_import_previews where import_id = ?)
     select place, line as earlier from candidate join preview on folded_email = "foldedEmail"
     union select place, line from candidate join preview on phone_e164 = "phoneE164"
     union select place, line from candidate join preview on website_domain = "websiteDomain"
       where similarity(company_name, "companyName") >= 0.85::real
     order by place, earlier`,
    [JSON.stringify(candidates), importId],
  );
}

/** Remembers what a dry run would have made leads of. */
export async function insertPreviews(
  em: EntityManager,
  { organizationId, importId }: { organizationId: string; importId: string },
  candidates: readonly Candidate[],
): Promise<void> {
  await em.execute(
    `insert into lead_import_previews
       (organization_id, import_id, line, folded_email, phone_e164, website_domain, company_name)
     select ?::uuid, ?::uuid, place, "foldedEmail", "phoneE164", "websiteDomain", "companyName"
     from jsonb_to_recordset(?::jsonb)
       as candidate(place integer, "foldedEmail" text, "phoneE164" text, "websiteDomain" text, "companyName" text)`,
    [organizationId, importId, JSON.stringify(candidates)],
  );
}
