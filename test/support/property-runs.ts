/** Of this many runs the mutation check makes one, for it repeats them with every mutant. */
const MUTATION_SHARE = 40;

/**
 * How often a property is tried, or what it must have met at least: as written, and less in the mutation check.
 * @param whole runs or cases in `npm test`
 */
export const propertyRuns = (whole: number): number =>
  process.env.PROVISO_MUTATION === undefined ? whole : Math.ceil(whole / MUTATION_SHARE);
