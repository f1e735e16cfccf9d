import { Cron } from 'croner';

/** Whatever names no time for so long is taken to name none. */
const NO_TIMES = 'The cron expression names no time that ever comes.';

/** What is wrong with a cron expression of five or six fields, or a nickname such as `@daily`; undefined when nothing is. */
export function checkCron(cron: string, timeZone: string): string | undefined {
  if (/^\s*\d{4}-/.test(cron)) return 'A schedule comes again; write a cron expression, not a date.';
  try {
    const times = new Cron(cron, { timezone: timeZone, mode: '5-or-6-parts' });
    return times.nextRun() ? undefined : NO_TIMES;
  } catch (error) {
    return `The cron expression cannot be read. ${error instanceof Error ? error.message : String(error)}`;
  }
}
