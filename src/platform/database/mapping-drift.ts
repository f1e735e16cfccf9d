import type { MikroORM } from '@mikro-orm/postgresql';

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly isNullable: boolean;
}

/**
 * Where the mapping says something else than the database has: a column that is missing, of another type, or that may
 * be null on one side alone. What only the database knows (indexes, checks, policies, columns that no aggregate reads)
 * is the migrations' own business. Empty when both agree.
 */
export async function mappingDrift(orm: MikroORM): Promise<string[]> {
  const columns = new Map((await readColumns(orm)).map((column) => [`${column.table}.${column.column}`, column]));
  return mappedColumns(orm).flatMap((mapped) => {
    const name = `${mapped.table}.${mapped.column}`;
    const present = columns.get(name);
    if (!present) return [`${name} is mapped, but the migrations do not make it.`];
    return [
      ...(present.type === mapped.type ? [] : [`${name} is mapped as ${mapped.type}, but is ${present.type}.`]),
      ...(present.isNullable === mapped.isNullable
        ? []
        : [`${name} is mapped as ${nullability(mapped)}, but is ${nullability(present)}.`]),
    ];
  });
}

const nullability = ({ isNullable }: Column): string => (isNullable ? 'nullable' : 'not null');

function mappedColumns(orm: MikroORM): Column[] {
  const entities = [...orm.getMetadata().getAll().values()].filter(({ embeddable }) => !embeddable);
  return entities.flatMap(({ tableName, props }) =>
    props
      .filter(
        ({ persist, fieldNames, kind }) => persist !== false && String(kind) !== 'embedded' && fieldNames?.length > 0,
      )
      .flatMap(({ fieldNames, columnTypes, nullable }) =>
        fieldNames.map((column, index) => ({
          table: tableName,
          column,
          type: normalized(columnTypes[index] ?? ''),
          isNullable: nullable === true,
        })),
      ),
  );
}

/** The names that PostgreSQL itself gives to types. */
function normalized(type: string): string {
  const [, name = type, precision = ''] = /^([a-z ]+?)(\(.*\))?$/.exec(type.replaceAll(', ', ',')) ?? [];
  const full = { int: 'integer', timestamptz: `timestamp${precision} with time zone`, varchar: 'character varying' }[
    name
  ];
  if (name === 'timestamptz') return full!;
  return `${full ?? name}${precision}`;
}

async function readColumns(orm: MikroORM): Promise<Column[]> {
  return orm.em.fork().execute<Column[]>(
    `select class.relname as "table", attribute.attname as "column",
       format_type(attribute.atttypid, attribute.atttypmod) as "type", not attribute.attnotnull as "isNullable"
     from pg_attribute as attribute
     join pg_class as class on class.oid = attribute.attrelid and class.relkind in ('r', 'p')
     join pg_namespace as namespace on namespace.oid = class.relnamespace and namespace.nspname = 'public'
     where attribute.attnum > 0 and not attribute.attisdropped`,
  );
}
