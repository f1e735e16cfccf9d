import type { TestApplication } from './application.js';

/** The part of JSON Schema that the guards read. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly [keyword: string]: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}

/** One route of the document. */
export interface Operation {
  /** `POST /api/v1/leads`; what tables of fixtures are keyed by. */
  readonly key: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly permission: string | undefined;
  readonly parameters: readonly Parameter[];
  /** Schema of the JSON body with references resolved; objects that list their members take no others. */
  readonly body: Schema | undefined;
  /** Whether the body is a stream of rows instead of JSON. */
  readonly takesStream: boolean;
}

interface DocumentedOperation {
  readonly 'x-permission'?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The document as a client gets it. */
export async function readDocument({ app }: TestApplication): Promise<OpenApiDocument> {
  return (await app.inject({ method: 'GET', url: '/api/docs-json' })).json<OpenApiDocument>();
}

/** Every route of the document. */
export async function readOperations(proviso: TestApplication): Promise<Operation[]> {
  const document = await readDocument(proviso);
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([name, documented]) => {
      const method = name.toUpperCase() as Operation['method'];
      const json = documented.requestBody?.content['application/json']?.schema;
      return {
        key: `${method} ${path}`,
        method,
        path,
        permission: documented['x-permission'],
        parameters: documented.parameters ?? [],
        body: json && closed(json, document),
        takesStream: documented.requestBody !== undefined && json === undefined,
      };
    }),
  );
}

export const parametersIn = ({ parameters }: Operation, place: Parameter['in']): readonly Parameter[] =>
  parameters.filter((parameter) => parameter.in === place);

const unresolved = ({ $ref }: Schema): string | undefined => $ref?.replace('#/components/schemas/', '');

function closed(schema: Schema, document: OpenApiDocument): Schema {
  const name = unresolved(schema);
  if (name !== undefined) return closed(document.components.schemas[name]!, document);
  const { properties, items, allOf } = schema;
  const parts = allOf as readonly Schema[] | undefined;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, closed(value, document)])),
      additionalProperties: schema.additionalProperties ?? false,
    }),
    ...(items && { items: closed(items, document) }),
    ...(parts && { allOf: parts.map((part) => closed(part, document)) }),
  };
}

/** Places of UUIDs in a body, as paths of keys; `*` stands for each item of a list. */
export function idPlaces(schema: Schema | undefined, path: readonly string[] = []): string[][] {
  if (!schema) return [];
  if (schema.format === 'uuid') return [[...path]];
  const inProperties = Object.entries(schema.properties ?? {}).flatMap(([key, value]) =>
    idPlaces(value, [...path, key]),
  );
  const inParts = ((schema['allOf'] ?? []) as readonly Schema[]).flatMap((part) => idPlaces(part, path));
  return [...inProperties, ...inParts, ...idPlaces(schema.items, [...path, '*'])];
}
