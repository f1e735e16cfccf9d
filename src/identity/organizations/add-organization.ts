import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Unit } from '../../audit/audit.contract.js';
import { conflict, invalid } from '../../kernel/domain-error.js';
import { Organization } from './organization.js';

/** Writes a new organization in a unit of work of its own. @throws invalid `bad-slug`, conflict `slug-taken` */
export async function addOrganization(
  unit: Unit,
  input: { readonly id: string; readonly name: string; readonly slug: string },
): Promise<void> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(input.slug) || input.slug.length > 63) {
    throw invalid(
      'bad-slug',
      'A slug has 1 to 63 small letters, digits and single hyphens between them; give another.',
    );
  }
  const [organization, event] = Organization.create(input, new Date());
  try {
    await unit.em.persist(organization).flush();
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw conflict('slug-taken', `The slug ${input.slug} belongs to another organization; give another.`);
  }
  unit.record('organization', organization, event);
}
