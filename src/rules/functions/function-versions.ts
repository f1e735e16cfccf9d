import type { EntityManager } from '@mikro-orm/postgresql';
import type { CustomFunction } from './custom-function.js';

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
