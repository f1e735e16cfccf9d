import { malformed } from '../../kernel/domain-error.js';

/** Where an event stands in the stream of its execution. No later event ever comes before an earlier one's place. */
export interface EventPlace {
  /** Version of the execution after the transition, from 1; 0 before the first. */
  readonly streamVersion: number;
  /** Which of that transition's events, from 0. */
  readonly ordinal: number;
}

/** Before everything. */
export const BEGINNING: EventPlace = { streamVersion: 0, ordinal: 0 };

const MAX_STREAM_VERSION = 2_147_483_647;
const MAX_ORDINAL = 32_767;

/** The place as clients get and send it: `12.0`. */
export const formatPlace = ({ streamVersion, ordinal }: EventPlace): string => `${streamVersion}.${ordinal}`;

/**
 * The place that a client names; the beginning when it names none. An empty text is none: browsers send it so.
 * @throws malformed `bad-cursor`, with `parameter`
 */
export function parsePlace(text: string | undefined, parameter: string): EventPlace {
  if (text === undefined || text === '') return BEGINNING;
  const [, version, ordinal] = /^(\d{1,10})\.(\d{1,5})$/.exec(text) ?? [];
  const place = { streamVersion: Number(version), ordinal: Number(ordinal) };
  if (place.streamVersion <= MAX_STREAM_VERSION && place.ordinal <= MAX_ORDINAL) return place;
  throw malformed('bad-cursor', 'This is no id of an event of this stream; begin again without it.', { parameter });
}
