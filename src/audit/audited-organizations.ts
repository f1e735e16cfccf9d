import type pg from 'pg';

/**
 * Every organization that has events or seals, by id. An organization whose rows, tiles and seals are all gone is not
 * among them: only a head kept elsewhere knows of it.
 */
export async function auditedOrganizations(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `with recursive with_events as (
       (select organization_id as id from events order by organization_id limit 1)
       union all
       select (select e.organization_id from events e where e.organization_id > found.id
         order by e.organization_id limit 1)
       from with_events found where found.id is not null
     )
     select id from with_events where id is not null
     union select distinct organization_id from audit_seals
     order by id`,
  );
  return rows.map(({ id }) => id);
}
