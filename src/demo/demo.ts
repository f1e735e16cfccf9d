import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Instance, runningInstance } from './instance.js';
import { chapter, count, say } from './narration.js';
import { type OwnInstance, startOwnInstance } from './own-instance.js';
import { tell } from './story.js';
import { type Check, holds } from './tally.js';
import { readProspects } from './upload.js';

const USAGE = `npm run demo                     tell the story with an instance of its own and 1,000 made-up leads
npm run demo -- --leads FILE     import this file of prospects (CSV) instead
npm run demo -- --url URL        tell it with an instance that runs in development mode`;

/** Tells the story from end to end. @returns whether its numbers add up */
async function demonstrate(): Promise<boolean> {
  const { url, leads: file } = options();
  const leads = file === undefined ? undefined : readProspects(await readFile(file, 'utf8'));
  if (url !== undefined) return report(await tell(runningInstance(url.replace(/\/+$/, '')), leads));
  chapter('Start');
  say('An instance with a database and a mail server of its own, all gone in the end …');
  const instance = await startOwnInstance();
  say(`It listens at ${instance.url} and sends its mails to ${instance.mailbox}.`);
  stopOnSignals(instance);
  try {
    const checks = await tell(instance, leads);
    return report([...checks, await verifyAll(instance)]);
  } finally {
    await instance.stop();
  }
}

async function verifyAll(instance: OwnInstance): Promise<Check> {
  const { code, output } = await instance.command('audit', 'verify');
  say(`npm run audit:verify → exit code ${code}\n${output.replace(/^/gm, '  ')}`);
  return { what: 'exit code of audit:verify', expected: 0, actual: code ?? -1 };
}

function report(checks: readonly Check[]): boolean {
  chapter('Does it add up?');
  for (const check of checks) {
    const wanted = holds(check) ? '' : `, expected ${count(check.expected)}`;
    say(`  ${holds(check) ? '✓' : '✗'} ${count(check.actual).padStart(7)}  ${check.what}${wanted}`);
  }
  return checks.every(holds);
}

function options(): { readonly url?: string; readonly leads?: string } {
  try {
    return parseArgs({ options: { url: { type: 'string' }, leads: { type: 'string' } } }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}

function stopOnSignals(instance: Instance): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void instance.stop().finally(() => process.exit(130)));
  }
}

demonstrate().then(
  (addsUp) => {
    say(addsUp ? '\nEverything adds up.' : '\nIt does not add up; see ✗ above.');
    process.exitCode = addsUp ? 0 : 1;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
