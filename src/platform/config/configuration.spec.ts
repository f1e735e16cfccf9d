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

  it('takes private targets of outbound calls, in production none of this machine', () => {
    const targets = 'hooks.internal:8443,10.20.0.0/16,[fd00::1]:443,fd00::/8';
    expect(loadConfiguration({ OUTBOUND_ALLOW: targets }).OUTBOUND_ALLOW).toHaveLength(4);
    expect(loadConfiguration({ OUTBOUND_ALLOW_HOSTS: '127.0.0.1:1' }).OUTBOUND_ALLOW).toEqual(['127.0.0.1:1']);
    for (const wrong of ['10.20.0.0', 'hooks.internal', '10.0.0.0/33', 'a:0', 'a:65536', '10.1/16', '*:80', '']) {
      const faults = faultsOf({ OUTBOUND_ALLOW: `hooks.internal:8443,${wrong}` });
      expect(faults).toEqual([expect.stringContaining(`holds ${wrong}, which is neither host:port nor a network`)]);
    }
    const own = ['127.0.0.1:80', '127.8.0.0/16', '0.0.0.0/0', '::/0', '[::1]:1', 'localhost:80', 'a.localhost.:80'];
    for (const target of [...own, '0.0.0.0:80', '[::ffff:127.0.0.1]:80', '[::]:80']) {
      const faults = faultsOf({ NODE_ENV: 'production', OUTBOUND_ALLOW: target });
      expect(faults).toContain(`OUTBOUND_ALLOW names ${target}: loopback is refused in production`);
    }
    expect(faultsOf({ NODE_ENV: 'production', OUTBOUND_ALLOW: targets }).join()).not.toContain('OUTBOUND');
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
