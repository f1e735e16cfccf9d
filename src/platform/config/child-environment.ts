import type { Environment } from './configuration.js';
import { variables, type Variable } from './variables.js';

/**
 * The environment for a child process that is to be configured by `settings` alone: what this process was given, without
 * any of the variables that configure Proviso.
 */
export function childEnvironment(
  settings: Readonly<Record<string, string>>,
  environment: Environment = process.env,
): Record<string, string | undefined> {
  const own = new Set(
    Object.entries<Variable<unknown>>(variables).flatMap(([name, { aliases = [] }]) => [
      name,
      `${name}_FILE`,
      ...aliases,
    ]),
  );
  return { ...Object.fromEntries(Object.entries(environment).filter(([name]) => !own.has(name))), ...settings };
}
