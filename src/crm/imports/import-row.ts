import type { JsonValue } from '../../kernel/json.js';

/** A row of an upload: a lead to be, or what came instead. */
export interface ImportRow {
  /** Where it begins in the upload, from 1. */
  readonly line: number;
  readonly content: JsonValue;
  /** Why it is no lead, when that is plain already. */
  readonly fault?: string;
}

/** Longest line of an upload, in characters. */
export const MAX_LINE_LENGTH = 1024 * 1024;
