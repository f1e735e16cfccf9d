import { readFileSync } from 'node:fs';
import { opensLoopback } from '../outbound/allowed-targets.js';
import { variables, type Values, type Variable, type VariableName } from './variables.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The effective settings of this process: every variable's value, and what is derived from several of them. */
export interface Configuration extends Values {
  readonly isProduction: boolean;
  /** Address to listen on. */
  readonly host: string;
  /** Own database, or undefined for the embedded one. */
  readonly databaseUrl: string | undefined;
  /** How long requests are served after readiness turned off, so that balancers see it. */
  readonly drainMs: number;
  /** Redis of the queues, or undefined when they live in the database. */
  readonly redisUrl: string | undefined;
}

/** The environment does not make sense; the message names each variable, its fault and an example. */
export class ConfigurationError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigurationError';
  }
}

/** Reads and checks the environment once. @throws ConfigurationError that lists every fault. */
export function loadConfiguration(environment: Environment = process.env): Configuration {
  const faults: string[] = [];
  const values = Object.fromEntries(
    (Object.keys(variables) as VariableName[]).map((name) => [name, readVariable(name, environment, faults)]),
  ) as unknown as Values;
  if (faults.length > 0) throw new ConfigurationError(faults);
  const configuration = derive(values);
  const missing = productionFaults(configuration);
  if (missing.length > 0) throw new ConfigurationError(missing);
  return configuration;
}

function readVariable(name: VariableName, environment: Environment, faults: string[]): unknown {
  const definition: Variable<unknown> = variables[name];
  try {
    const given = [name, ...(definition.aliases ?? [])].map((key) => environment[key]).find((value) => value);
    const text = given ?? (definition.isSecret ? readSecretFile(environment[`${name}_FILE`]) : undefined);
    return text === undefined ? definition.fallback : definition.parse(text);
  } catch (error) {
    faults.push(`${name} ${(error as Error).message}; for example ${name}=${definition.example}`);
    return definition.fallback;
  }
}

function readSecretFile(path: string | undefined): string | undefined {
  if (!path) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new Error(`is to come from the file ${path}, which cannot be read`);
  }
}

function derive(values: Values): Configuration {
  const isProduction = values.NODE_ENV === 'production';
  const queueUrl = values.QUEUE_URL ?? redisFromParts(values);
  return {
    ...values,
    isProduction,
    host: values.HOST ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
    databaseUrl: values.DATABASE_URL ?? databaseFromParts(values),
    drainMs: values.DRAIN_MS ?? (isProduction ? 5_000 : 250),
    redisUrl: queueUrl?.startsWith('redis') ? queueUrl : undefined,
  };
}

function databaseFromParts(values: Values): string | undefined {
  if (!values.DB_HOST) return undefined;
  const url = new URL(`postgres://${values.DB_HOST}:${values.DB_PORT}/${encodeURIComponent(values.DB_NAME)}`);
  url.username = values.DB_USER;
  url.password = values.DB_PASSWORD ?? '';
  if (values.DB_SSL === 'true') url.searchParams.set('sslmode', 'verify-full');
  return url.toString();
}

function redisFromParts(values: Values): string | undefined {
  if (!values.REDIS_HOST) return undefined;
  const url = new URL(`redis://${values.REDIS_HOST}:${values.REDIS_PORT}/${values.REDIS_DB}`);
  url.password = values.REDIS_PASSWORD ?? '';
  return url.toString();
}

function productionFaults(configuration: Configuration): string[] {
  const faults: string[] = [];
  if (configuration.PROCESS_ROLE !== 'all' && !configuration.databaseUrl) {
    faults.push('DATABASE_URL is needed by separate api and worker processes, which share one database');
  }
  if (!configuration.isProduction) return faults;
  const needed = ['JWT_PRIVATE_KEY', 'AUDIT_SIGNING_KEY', 'ENCRYPTION_KEY', 'SMTP_URL'] as const;
  if (!configuration.databaseUrl) faults.push(`DATABASE_URL is needed in production: ${example('DATABASE_URL')}`);
  for (const name of needed) {
    if (!configuration[name]) faults.push(`${name} (or ${name}_FILE) is needed in production: ${example(name)}`);
  }
  const loopback = configuration.OUTBOUND_ALLOW.find(opensLoopback);
  if (loopback) faults.push(`OUTBOUND_ALLOW names ${loopback}: loopback is refused in production`);
  return faults;
}

const example = (name: VariableName): string => `${name}=${variables[name].example}`;

/** The effective values as lines `NAME=value`, secrets masked: what `npm run config` prints. */
export function describeConfiguration(configuration: Configuration): string[] {
  return (Object.keys(variables) as VariableName[]).map((name) => {
    const definition: Variable<unknown> = variables[name];
    const value = configuration[name];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return `${name}=`;
    return `${name}=${definition.isSecret ? '***' : Array.isArray(value) ? value.join(',') : String(value)}`;
  });
}

/** The text of `.env.example`: every variable with its meaning and an example, commented out. */
export function environmentExample(): string {
  const lines = (Object.keys(variables) as VariableName[]).flatMap((name) => {
    const definition = variables[name] as Variable<string | number | readonly string[] | undefined>;
    const fallback = definition.fallback?.toString();
    const otherNames = definition.aliases ? `; also ${definition.aliases.join(', ')}` : '';
    const file = definition.isSecret ? `; or the path of a file in ${name}_FILE` : '';
    return [
      `# ${definition.description}${otherNames}${file}`,
      `# Default: ${fallback || 'unset'}`,
      `# ${name}=${definition.example}`,
      '',
    ];
  });
  return `${lines.join('\n').trimEnd()}\n`;
}
