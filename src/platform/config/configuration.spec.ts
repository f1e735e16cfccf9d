import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ConfigurationError, describeConfiguration, environmentExample, loadConfiguration } from './configuration.js';

const faultsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    loadConfiguration(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
};

describe('configuration', () => {
  it('needs nothing on a bare machine', () => {
    const configuration = loadConfiguration({});
    expect(configuration).toMatchObject({ PORT: 3000, host: '127.0.0.1', isProduction: false, PROCESS_ROLE: 'all' });
    expect(configuration.databaseUrl).toBeUndefined();
  });

  it('names each faulty variable, its fault and an example', () => {
    expect(faultsOf({ PORT: 'http', LOG_LEVEL: 'loud' })).toEqual([
      'PORT must be a whole number from 0 to 65535; for example PORT=8080',
      'LOG_LEVEL must be one of trace, debug, info, warn, error, silent; for example LOG_LEVEL=debug',
    ]);
  });

  it('builds the addresses from their parts and knows the aliases', () => {
    const configuration = loadConfiguration({
      DB_HOST: 'db',
      DB_PASSWORD: 'p@ss/word',
      REDIS_HOST: 'cache',
      DATABASE_MAX_CONNECTIONS: '7',
    });
    expect(configuration.databaseUrl).toBe('postgres://proviso:p%40ss%2Fword@db:5432/proviso');
    expect(configuration.redisUrl).toBe('redis://cache:6379/0');
    expect(configuration.DB_POOL_SIZE).toBe(7);
  });

  it('refuses in production what must not be made up', () => {
    expect(faultsOf({ NODE_ENV: 'production' }).map((fault) => fault.split(' ')[0])).toEqual([
      'DATABASE_URL',
      'JWT_PRIVATE_KEY',
      'AUDIT_SIGNING_KEY',
      'ENCRYPTION_KEY',
      'SMTP_URL',
    ]);
  });

  it('masks secrets when it is printed', () => {
    const printed = describeConfiguration(loadConfiguration({ DATABASE_URL: 'postgres://a:hidden@b/c' })).join('\n');
    expect(printed).toContain('DATABASE_URL=***');
    expect(printed).not.toContain('hidden');
  });

  it('is what .env.example documents', () => {
    expect(readFileSync('.env.example', 'utf8')).toBe(environmentExample());
  });
});
