import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { problemAnswer, type ProblemStatus } from './api-answers.js';
import { PERMISSION_EXTENSION } from './decorators.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & { [PERMISSION_EXTENSION]?: string };

/** Where the documents are served: the page for people, and the document itself with `-json` behind. */
export const DOCS_PATH = 'api/docs';

/**
 * The OpenAPI 3.1 document of all routes.
 * @throws Error naming the operations that have no summary
 */
export function createDocument(app: INestApplication): OpenAPIObject {
  const outline = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Proviso')
    .setDescription('Decides by rules, acts by durable workflows, and proves both in a tamper-evident audit trail.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'This server')
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(app, outline, { operationIdFactory: operationId });
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problemSchema },
  };
  const operations = operationsOf(document);
  for (const operation of operations) complete(operation);
  const silent = operations.filter(({ summary }) => !summary).map((operation) => operation.operationId);
  if (silent.length > 0) throw new Error(`These operations need a summary by @ApiOperation: ${silent.join(', ')}.`);
  return document;
}

/** Serves the document and Swagger UI under `DOCS_PATH`. It is made when somebody first asks for it. */
export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup(DOCS_PATH, app, () => createDocument(app), {
    jsonDocumentUrl: `${DOCS_PATH}-json`,
    raw: ['json'],
    customSiteTitle: 'Proviso',
  });
}

/** `LeadsController.list` becomes `leads_list`; the second path of one method gets a number. */
const operationId = (controller: string, method: string): string =>
  `${controller.replace(/Controller$/, '').replace(/^[A-Z]/, (first) => first.toLowerCase())}_${method}`
    .replace('[0]', '')
    .replace(/\[(\d+)\]/, '_$1');

const operationsOf = (document: OpenAPIObject): Operation[] =>
  Object.values(document.paths).flatMap((path) =>
    (['get', 'put', 'post', 'delete', 'patch', 'head', 'options'] as const).flatMap((method) => path[method] ?? []),
  );

/** Says what follows from the decorators: who may call, and which problems any such operation can answer. */
function complete(operation: Operation): void {
  const permission = operation[PERMISSION_EXTENSION];
  if (permission === undefined || permission === 'public') {
    operation.security = [];
    delete operation[PERMISSION_EXTENSION];
  } else {
    operation.security = [{ bearer: [] }];
    operation.description = [operation.description, `Permission: ${permission}`].filter(Boolean).join('\n\n');
  }
  operation.parameters = operation.parameters?.filter((each) => !('in' in each && isSaidElsewhere(each)));
  const statuses: ProblemStatus[] = [400, 429];
  if (operation.security.length > 0) statuses.push(401, 403);
  if (operation.requestBody) statuses.push(413, 415, 422);
  if (operation.responses['503'] === undefined) statuses.push(503);
  for (const status of statuses) operation.responses[status] ??= problemAnswer(status);
}

/** OpenAPI has places of its own for these headers, and no parameters of their names (3.1, 4.8.12). */
const isSaidElsewhere = ({ in: place, name }: { in: string; name: string }): boolean =>
  place === 'header' && /^(accept|content-type|authorization)$/i.test(name);

/** RFC 9457 with this project's members. */
const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'success', 'error'],
  properties: {
    type: { type: 'string', format: 'uri', example: 'urn:proviso:problem:invalid-body' },
    title: { type: 'string', example: 'Bad Request' },
    status: { type: 'integer', example: 400 },
    detail: { type: 'string', example: 'The body is not valid: name is required.' },
    instance: { type: 'string', example: '/api/v1/leads' },
    code: { type: 'string', description: 'Stable name of the problem', example: 'invalid-body' },
    errors: {
      type: 'array',
      description: 'Each fault with its place: a pointer into the body, or the name of a parameter',
      items: {
        type: 'object',
        required: ['message'],
        properties: {
          pointer: { type: 'string', example: '#/company/name' },
          parameter: { type: 'string', example: 'limit' },
          message: { type: 'string', example: 'name is required' },
        },
      },
    },
    correlationId: { type: 'string', example: '7d5a1c1e-9d4a-4a6f-8d0e-0d6a5a1f6f11' },
    success: { type: 'boolean', enum: [false] },
    error: {
      type: 'string',
      description: 'The same sentence as detail',
      example: 'The body is not valid: name is required.',
    },
  },
  additionalProperties: true,
};
