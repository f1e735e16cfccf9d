import type { Api } from './api.js';
import { brief, chapter, count, counted, say } from './narration.js';
import type { Check } from './tally.js';
import type { Upload } from './upload.js';
import { untilReached } from './waiting.js';

interface Import {
  readonly status: string;
  readonly counts: {
    readonly total: number;
    readonly created: number;
    readonly duplicate: number;
    readonly rejected: number;
  };
  readonly failure: string | null;
}

interface Refusal {
  readonly line: number;
  readonly outcome: 'duplicate' | 'rejected';
  readonly reason: string;
}

/** Uploads leads, follows the import to its end, and shows what became of the planted rows. */
export async function importLeads(api: Api, { body, expected }: Upload): Promise<readonly Check[]> {
  chapter(`Import ${counted(expected.total, 'row')}`);
  const begin = performance.now();
  const { jobId } = await api.tell<{ jobId: string }>('POST', '/leads/import', { ndjson: body });
  const path = `/leads/imports/${jobId}`;
  const look = async (): Promise<number> => {
    const { counts, status } = await api.get<Import>(path);
    return status === 'completed' ? counts.total : counts.created + counts.duplicate + counts.rejected - 1;
  };
  await untilReached(expected.total, look, (done) => say(`  ${count(done)} of ${count(expected.total)} rows …`));
  const { counts, status, failure } = await api.tell<Import>('GET', path);
  if (status !== 'completed') throw new Error(`The import is ${status}${failure === null ? '' : `: ${failure}`}.`);
  say(`  That took ${((performance.now() - begin) / 1000).toFixed(1)} s.`);
  const refusals = await api.lines<Refusal>(`${path}/errors`);
  say(`GET /api/v1${path}/errors → ${counted(refusals.length, 'row')}, such as`);
  for (const row of samplesOf(refusals)) say(`  ${brief(`line ${row.line}, ${row.outcome}: ${row.reason}`)}`);
  return [
    { what: 'leads created', expected: expected.created, actual: counts.created },
    { what: 'rows that were duplicates', expected: expected.duplicate, actual: counts.duplicate },
    { what: 'rows rejected', expected: expected.rejected, actual: counts.rejected },
    {
      what: 'refused rows with a reason',
      expected: expected.duplicate + expected.rejected,
      actual: refusals.filter(({ reason }) => reason !== '').length,
    },
  ];
}

/** One row of each reason. */
const samplesOf = (refusals: readonly Refusal[]): readonly Refusal[] => {
  const rejected = refusals.filter(({ outcome }) => outcome === 'rejected');
  const duplicate = refusals.filter(({ outcome }) => outcome === 'duplicate');
  return [...duplicate.slice(0, 1), ...new Map(rejected.map((row) => [row.reason, row])).values()].slice(0, 6);
};
