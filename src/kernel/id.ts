import { v7, validate } from 'uuid';

/** The organization of the platform's own events: the nil UUID. */
export const PLATFORM_ORGANIZATION = '00000000-0000-0000-0000-000000000000';

/** A new UUID v7; its first 48 bits are the milliseconds of `at`, by default the present. */
export const newId = (at?: Date): string => (at ? v7({ msecs: at.getTime() }) : v7());

/** Whether a text is a UUID of any version. */
export const isId = (text: string): boolean => validate(text);

/** The millisecond that a UUID v7 carries. */
export const timeOfId = (id: string): Date => new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
