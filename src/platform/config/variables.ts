import { isAllowedTarget } from '../outbound/allowed-targets.js';

/** One environment variable: how it is called, what it means, and how its text becomes a value. */
export interface Variable<T> {
  /** Shown in `.env.example` and by `npm run config`. */
  readonly description: string;
  readonly example: string;
  /** Other names that are understood, in order, when the variable itself is unset. */
  readonly aliases?: readonly string[];
  /** Masked wherever it is printed, and readable from a file named by `NAME_FILE`. */
  readonly isSecret?: boolean;
  /** Used when nothing is set; a text of its own for a default that is made or derived. */
  readonly fallback: T;
  /** @throws Error with what is wrong, in plain words. */
  readonly parse: (text: string) => T;
}

const oneOf =
  <T extends string>(...values: readonly T[]) =>
  (text: string): T => {
    const value = values.find((candidate) => candidate === text);
    if (value === undefined) throw new Error(`must be one of ${values.join(', ')}`);
    return value;
  };

const integer =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new Error(`must be a whole number from ${least} to ${most}`);
    }
    return value;
  };

const url =
  (...protocols: readonly string[]) =>
  (text: string): string => {
    if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
      throw new Error(`must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`);
    }
    return text;
  };

const text = (value: string): string => value;
const list = (value: string): readonly string[] => value.split(',').map((part) => part.trim());

const outboundTargets = (value: string): readonly string[] => {
  const entries = list(value);
  const wrong = entries.find((entry) => !isAllowedTarget(entry));
  if (wrong !== undefined)
    throw new Error(`holds ${wrong}, which is neither host:port nor a network such as 10.0.0.0/8`);
  return entries;
};

const origins = (value: string): readonly string[] => {
  const entries = list(value);
  const wrong = entries.find((entry) => !URL.canParse(entry) || new URL(entry).origin !== entry);
  if (wrong !== undefined) throw new Error(`holds ${wrong}, which is no origin such as https://app.example.com`);
  return entries;
};

const encryptionKeys = (value: string): readonly string[] => {
  const keys = list(value);
  const isKey = (key: string): boolean => /^[\w+/-]{43}=?$/.test(key);
  if (!keys.every(isKey)) throw new Error('must be 32 bytes in base64, or several of them separated by commas');
  return keys;
};

const variable = <T>(definition: Variable<T>): Variable<T> => definition;
const optional = <T>(definition: Omit<Variable<T | undefined>, 'fallback'>): Variable<T | undefined> => ({
  ...definition,
  fallback: undefined,
});

/** Every variable that the process reads, in the order in which `.env.example` shows them. */
export const variables = {
  NODE_ENV: variable({
    description: 'development, test or production; production refuses demo data, made secrets and debug routes',
    example: 'production',
    fallback: 'development',
    parse: oneOf('development', 'test', 'production'),
  }),
  PROCESS_ROLE: variable({
    description: 'What this process does: all, api (HTTP only) or worker (queues, relay, seals, timers)',
    example: 'api',
    fallback: 'all',
    parse: oneOf('all', 'api', 'worker'),
  }),
  HOST: optional({
    description: 'Address to listen on; 127.0.0.1 outside production and 0.0.0.0 in it',
    example: '0.0.0.0',
    parse: text,
  }),
  PORT: variable({ description: 'Port of the API', example: '8080', fallback: 3000, parse: integer(0, 65535) }),
  METRICS_PORT: optional({
    description:
      'Port that serves /metrics without login, for the scraper only; unset serves it on PORT behind ops:read',
    example: '9464',
    parse: integer(0, 65535),
  }),
  CORS_ORIGINS: variable({
    description: 'Origins of browsers that may call the API, separated by commas',
    example: 'https://app.example.com',
    fallback: [],
    parse: origins,
  }),
  DATABASE_URL: optional({
    description: 'PostgreSQL 17 or newer; unset starts an embedded server in the data folder',
    example: 'postgres://proviso:secret@db.example.com:5432/proviso',
    isSecret: true,
    parse: url('postgres:', 'postgresql:'),
  }),
  DB_HOST: optional({ description: 'Instead of DATABASE_URL: the server', example: 'db.example.com', parse: text }),
  DB_PORT: variable({ description: 'with DB_HOST', example: '5432', fallback: 5432, parse: integer(1, 65535) }),
  DB_NAME: variable({ description: 'with DB_HOST', example: 'proviso', fallback: 'proviso', parse: text }),
  DB_USER: variable({ description: 'with DB_HOST', example: 'proviso', fallback: 'proviso', parse: text }),
  DB_PASSWORD: optional({ description: 'with DB_HOST', example: 'secret', isSecret: true, parse: text }),
  DB_SSL: variable({
    description: 'with DB_HOST: true asks for TLS',
    example: 'true',
    fallback: 'false',
    parse: oneOf('true', 'false'),
  }),
  MIGRATION_DATABASE_URL: optional({
    description: 'The same database as its owner, for migrations only; unset migrates as DATABASE_URL',
    example: 'postgres://proviso_owner:secret@db.example.com:5432/proviso',
    isSecret: true,
    parse: url('postgres:', 'postgresql:'),
  }),
  DB_POOL_SIZE: variable({
    description:
      'Connections of the application pools; recorder 2, relay, sealer and sweeper 3, queue 12 and listener 1 come on top',
    example: '20',
    aliases: ['DATABASE_MAX_CONNECTIONS'],
    fallback: 10,
    parse: integer(2, 500),
  }),
  QUEUE_URL: optional({
    description: 'Redis or Valkey for the queues; unset keeps the queues in the database',
    example: 'redis://cache.example.com:6379',
    aliases: ['REDIS_URL'],
    isSecret: true,
    parse: url('redis:', 'rediss:', 'postgres:', 'postgresql:'),
  }),
  REDIS_HOST: optional({ description: 'Instead of QUEUE_URL: the server', example: 'cache.example.com', parse: text }),
  REDIS_PORT: variable({ description: 'with REDIS_HOST', example: '6379', fallback: 6379, parse: integer(1, 65535) }),
  REDIS_PASSWORD: optional({ description: 'with REDIS_HOST', example: 'secret', isSecret: true, parse: text }),
  REDIS_DB: variable({ description: 'with REDIS_HOST', example: '0', fallback: 0, parse: integer(0, 1000) }),
  OUTBOUND_ALLOW: variable({
    description:
      'Private targets that outbound calls may reach, separated by commas: host:port, or networks such as 10.20.0.0/16 with every port',
    example: 'hooks.internal:8443,10.20.0.0/16',
    aliases: ['OUTBOUND_ALLOW_HOSTS'],
    fallback: [],
    parse: outboundTargets,
  }),
  JWT_PRIVATE_KEY: optional({
    description: 'Ed25519 key (PKCS#8 PEM) that signs access tokens; made in the data folder outside production',
    example: '-----BEGIN PRIVATE KEY-----…',
    isSecret: true,
    parse: text,
  }),
  AUDIT_SIGNING_KEY: optional({
    description: 'Ed25519 key (PKCS#8 PEM) that signs the seals; made in the data folder outside production',
    example: '-----BEGIN PRIVATE KEY-----…',
    isSecret: true,
    parse: text,
  }),
  ENCRYPTION_KEY: optional({
    description:
      '32 bytes in base64 that wrap the keys of sensitive and personal values; of several, separated by commas, the first wraps and the others open what they wrapped; made in the data folder outside production',
    example: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=',
    isSecret: true,
    parse: encryptionKeys,
  }),
  SMTP_URL: optional({
    description: 'Mail server; unset (not in production) keeps mails and shows them at /dev/mail',
    example: 'smtp://user:secret@mail.example.com:587',
    isSecret: true,
    parse: url('smtp:', 'smtps:'),
  }),
  MAIL_FROM: variable({
    description: 'Sender of mails',
    example: 'Sales <sales@example.com>',
    fallback: 'Proviso <no-reply@proviso.localhost>',
    parse: text,
  }),
  WORKFLOW_MAX_CONCURRENT: variable({
    description: 'Executions of one workflow that may run a step at the same time',
    example: '50',
    fallback: 100,
    parse: integer(1, 10_000),
  }),
  WORKFLOW_TIMEOUT: variable({
    description: 'Milliseconds that the running steps of one execution may take together',
    example: '300000',
    fallback: 300_000,
    parse: integer(1000, 86_400_000),
  }),
  WORKFLOW_RETRY_ATTEMPTS: variable({
    description: 'Times a failed step is tried again when its definition does not say',
    example: '5',
    fallback: 3,
    parse: integer(0, 100),
  }),
  RULES_CACHE_TIMEOUT: variable({
    description: 'Seconds after which a compiled rule set that nobody used leaves memory',
    example: '300',
    fallback: 60,
    parse: integer(1, 86_400),
  }),
  RULES_MAX_PER_ENTITY: variable({
    description: 'Rules that one entry point may have (a warning comes from 50)',
    example: '1000',
    fallback: 10_000,
    parse: integer(1, 10_000),
  }),
  RULES_AUDIT_LOGGING: variable({
    description: 'How much trace a record of a decision holds: candidates or matched (a record is always made)',
    example: 'matched',
    fallback: 'candidates',
    parse: oneOf('candidates', 'matched'),
  }),
  DRAIN_MS: optional({
    description: 'Milliseconds that requests are still served after a stop was asked for; 5000 in production, else 250',
    example: '10000',
    parse: integer(0, 60_000),
  }),
  SLOW_OPERATION_MS: variable({
    description: 'Milliseconds from which an operation is logged as slow and counted',
    example: '250',
    fallback: 100,
    parse: integer(1, 60_000),
  }),
  LOG_LEVEL: variable({
    description: 'trace, debug, info, warn, error or silent',
    example: 'debug',
    fallback: 'info',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
  }),
  RATE_LIMIT_PER_MINUTE: variable({
    description: 'Requests a minute that one user or API key may make',
    example: '600',
    fallback: 60_000,
    parse: integer(1, 100_000_000),
  }),
  RATE_LIMIT_ADDRESS_PER_MINUTE: variable({
    description: 'Requests a minute that one address may make without a login',
    example: '120',
    fallback: 600,
    parse: integer(1, 100_000_000),
  }),
  RATE_LIMIT_LOGIN_PER_MINUTE: variable({
    description: 'Sign-ins a minute from one address',
    example: '10',
    fallback: 30,
    parse: integer(1, 100_000_000),
  }),
  AUDIT_PARTITION: variable({
    description: 'Width of one partition of the event table: day, week or month',
    example: 'day',
    fallback: 'month',
    parse: oneOf('day', 'week', 'month'),
  }),
  DATA_FOLDER: variable({
    description: 'Where the embedded database and the secrets made outside production are kept',
    example: '/var/lib/proviso',
    fallback: '.data',
    parse: text,
  }),
} as const;

export type VariableName = keyof typeof variables;
/** The parsed value of each variable. */
export type Values = {
  readonly [N in VariableName]: (typeof variables)[N] extends Variable<infer T> ? T : never;
};
