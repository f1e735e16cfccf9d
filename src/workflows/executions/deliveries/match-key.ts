import { createHash } from 'node:crypto';

/** Longer ones would not fit into a key of an index. */
const LONGEST_PLAIN = 500;

/** What a wait's row holds of the value that it looks for: its canonical JSON, of a long one a hash that no JSON equals. */
export const matchKeyOf = (canonical: string): string =>
  canonical.length <= LONGEST_PLAIN ? canonical : `sha256:${createHash('sha256').update(canonical).digest('hex')}`;
