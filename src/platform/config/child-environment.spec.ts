import { describe, expect, it } from '@jest/globals';
import { childEnvironment } from './child-environment.js';

describe('the environment of a child process', () => {
  it('keeps what is not about Proviso and takes the settings alone for what is', () => {
    const given = { PATH: '/bin', DATABASE_URL: 'postgres://other', REDIS_URL: 'redis://other', SMTP_URL_FILE: '/s' };
    expect(childEnvironment({ PORT: '0' }, given)).toEqual({ PATH: '/bin', PORT: '0' });
  });
});
