import { describe, expect, it } from '@jest/globals';
import { withLogContext } from './log-context.js';
import { createLogger, type Logger } from './logger.js';

type Line = Record<string, unknown>;

const logTo = (level: 'info' | 'debug' = 'info'): { logger: Logger; lines: () => Line[] } => {
  const written: string[] = [];
  const logger = createLogger(
    { LOG_LEVEL: level, NODE_ENV: 'production' },
    { write: (line: string) => void written.push(line) },
  );
  return { logger, lines: () => written.map((line) => JSON.parse(line) as Line) };
};

describe('the logger', () => {
  it('writes one JSON line with time, level in words, application, environment, host and event', () => {
    const { logger, lines } = logTo();
    logger.info({ event: 'rule-failed', ruleId: 'r1' }, 'The rule failed.');
    logger.debug({ event: 'not-seen' });
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        application: 'proviso',
        environment: 'production',
        hostname: expect.any(String),
        event: 'rule-failed',
        ruleId: 'r1',
        message: 'The rule failed.',
      },
    ]);
  });

  it('masks secrets wherever they stand', () => {
    const { logger, lines } = logTo();
    logger.warn({
      event: 'call',
      password: 'p-1',
      headers: { authorization: 'p-2', cookie: 'p-3', accept: 'text/html' },
      request: { body: { token: 'p-4', refresh_token: 'p-5', list: [{ 'X-Api-Key': 'p-6' }] } },
    });
    const [line] = lines();
    expect(JSON.stringify(line)).not.toMatch(/p-\d/);
    expect(line).toMatchObject({ password: '***', headers: { authorization: '***', accept: 'text/html' } });
  });

  it('tells kind, message, code, places and cause of an error, and nothing that a driver hung on it', () => {
    const { logger, lines } = logTo();
    const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (email)=(ann@example.com)' });
    logger.error({ event: 'request-failed', error: new Error('not saved', { cause }) });
    const [line] = lines();
    expect(line).toMatchObject({
      error: { name: 'Error', message: 'not saved', cause: { code: '23505', message: 'duplicate key' } },
    });
    expect((line?.['error'] as { stack: string[] }).stack[0]).toMatch(/^at /);
    expect(JSON.stringify(line)).not.toContain('ann@example.com');
  });

  it('puts correlation and organization on the lines of a context, also after waiting', async () => {
    const { logger, lines } = logTo();
    const context = { correlationId: 'c-1', organizationId: undefined as string | undefined };
    await withLogContext(context, async () => {
      logger.info({ event: 'first' });
      await new Promise((resolve) => setImmediate(resolve));
      context.organizationId = 'o-1';
      logger.info({ event: 'second' });
    });
    logger.info({ event: 'outside' });
    expect(lines().map(({ event, correlationId, organizationId }) => [event, correlationId, organizationId])).toEqual([
      ['first', 'c-1', undefined],
      ['second', 'c-1', 'o-1'],
      ['outside', undefined, undefined],
    ]);
  });
});
