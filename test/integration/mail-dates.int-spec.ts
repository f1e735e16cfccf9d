import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const built = pathToFileURL(join(import.meta.dirname, '../../dist/workflows/emails/rendering/render-mail.js')).href;
const render = `
  const { renderMail } = await import('${built}');
  const text = '{{ a | date: "%F %T %Z" }} {{ b | date: "%F %T" }} {{ c | date: "%F %R" }} {{ d | date: "%F %R", "Europe/Berlin" }}';
  const scope = { a: '2026-03-29T00:30:05Z', b: '2026-03-29T02:30:00', c: '2026-10-25', d: '2026-03-29T01:00:00Z' };
  process.stdout.write(renderMail({ subject: 's', body: null, text }, scope).text);`;

/** A process of its own, because the zone is read once when it starts. */
const renderedIn = (zone: string): string =>
  execFileSync(process.execPath, ['--input-type=module', '-e', render], { env: { TZ: zone }, encoding: 'utf8' });

it.each(['UTC', 'Europe/Berlin', 'America/St_Johns'])(
  'dates of mails are the same when the server stands in %s',
  (zone) => {
    expect(renderedIn(zone)).toBe('2026-03-29 00:30:05 UTC 2026-03-29 02:30:00 2026-10-25 00:00 2026-03-29 03:00');
  },
);
