/** How exactly caches tell the age of what they keep, in milliseconds: to the millisecond, one in use would set a timer for each. */
export const AGE_RESOLUTION_MS = 1_000;
