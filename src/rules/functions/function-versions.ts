import type { EntityManager } from '@mikro-orm/postgresql';
import type { AuthoredFunction, CustomFunction } from './custom-function.js';

/** Keeps the function's newest definition for ever. */
export async function saveFunctionVersion(em: EntityManager, customFunction: CustomFunction): Promise<void> {
  await em.execute(
    `insert into rule_function_versions (organization_id, function_id, version, definition, created_at, created_by)
     values (?, ?, ?, ?::jsonb, ?, ?)`,
    [
      customFunction.organizationId,
      customFunction.id,
      customFunction.definitionVersion,
      JSON.stringify(customFunction.definition),
      customFunction.updatedAt.toISOString(),
      customFunction.updatedBy,
    ],
  );
}

/** The definition that rules call; null while nothing was published. */
export async function liveDefinitionOf(
  em: EntityManager,
  customFunction: CustomFunction,
): Promise<AuthoredFunction | null> {
  const { organizationId, id, liveVersion } = customFunction;
  if (liveVersion === customFunction.definitionVersion) return customFunction.definition;
  const [row] = await em.execute<{ definition: AuthoredFunction }[]>(
    'select definition from rule_function_versions where organization_id = ? and function_id = ? and version = ?',
    [organizationId, id, liveVersion],
  );
  return row?.definition ?? null;
}
