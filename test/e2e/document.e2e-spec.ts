import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { startApplication, type TestApplication } from '../support/application.js';
import { type OpenApiDocument, readDocument } from '../support/openapi-document.js';

let proviso: TestApplication;
let document: OpenApiDocument;
let folder: string;

beforeAll(async () => {
  proviso = await startApplication();
  document = await readDocument(proviso);
  folder = await mkdtemp(join(process.env.TEST_FOLDER!, 'openapi-'));
  await writeFile(join(folder, 'openapi.json'), JSON.stringify(document));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  await proviso.stop();
});

/** What a tool printed; also when it failed. */
const outputOf = (script: string, ...words: string[]): Promise<string> =>
  promisify(execFile)(process.execPath, [join('node_modules', script), ...words], {
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  }).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout: string }).stdout,
  );

describe('the document of all routes', () => {
  it('lints clean', async () => {
    const words = ['lint', join(folder, 'openapi.json'), '--config', 'redocly.yaml', '--format', 'json'];
    const report = JSON.parse(await outputOf('@redocly/cli/bin/cli.js', ...words)) as {
      totals: object;
      problems: { message: string; location: { pointer: string }[] }[];
    };
    const problems = report.problems.map(({ message, location }) => `${location[0]?.pointer}: ${message}`);
    expect(problems).toEqual([]);
    expect(report.totals).toMatchObject({ errors: 0, warnings: 0 });
  });

  it('names for each route its summary, who may call, an example of what it takes, and its refusals', () => {
    const incomplete = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) =>
        isComplete(operation as Documented, document) ? [] : [`${method} ${path}`],
      ),
    );
    expect(incomplete).toEqual([]);
  });

  it('makes a client that compiles, and that refuses a body of the wrong form', async () => {
    await writeFile(join(folder, 'routes.ts'), astToString(await openapiTypescript(JSON.stringify(document))));
    await writeFile(join(folder, 'client.ts'), CLIENT);
    expect(await compile('client.ts')).toBe('');
    await writeFile(join(folder, 'careless.ts'), CARELESS_CLIENT);
    expect(await compile('careless.ts')).toMatch(/careless\.ts\(2,\d+\): error TS2322/);
  });

  const compile = (file: string): Promise<string> =>
    outputOf('typescript/bin/tsc', '--noEmit', '--strict', '--ignoreConfig', '--target', 'es2022', join(folder, file));
});

interface Documented {
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly 'x-permission'?: string;
  readonly parameters?: readonly { readonly example?: unknown; readonly schema?: { readonly example?: unknown } }[];
  readonly requestBody?: {
    readonly content: Record<string, { readonly schema: { readonly $ref?: string; readonly examples?: unknown[] } }>;
  };
  readonly responses: Record<string, unknown>;
}

function isComplete(operation: Documented, { components }: OpenApiDocument): boolean {
  const { summary, security = [], parameters = [], responses } = operation;
  const isOpen = security.length === 0;
  return [
    Boolean(summary),
    isOpen || operation['x-permission'] !== undefined,
    parameters.every(({ example, schema }) => (example ?? schema?.example) !== undefined),
    hasExamples(operation.requestBody?.content['application/json']?.schema, components.schemas),
    ['400', '429', ...(isOpen ? [] : ['401', '403'])].every((status) => status in responses),
  ].every(Boolean);
}

function hasExamples(
  schema: { readonly $ref?: string; readonly examples?: unknown[] } | undefined,
  schemas: OpenApiDocument['components']['schemas'],
): boolean {
  if (!schema) return true;
  if (!schema.$ref) return schema.examples !== undefined;
  const { properties = {} } = schemas[schema.$ref.replace('#/components/schemas/', '')]!;
  return Object.values(properties).every(
    (property) => 'example' in property || '$ref' in property || 'items' in property || 'allOf' in property,
  );
}

const CLIENT = `
import type { components, paths } from './routes.js';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Created = Json<paths['/api/v1/leads']['post']['responses'][201]>;

const body: Json<paths['/api/v1/leads']['post']['requestBody']> = {
  source: 'website',
  company: { name: 'Bistro Nord' },
  contact: { firstName: 'Ann', lastName: 'Lee', email: 'ann@bistro.example' },
};
export const condition: components['schemas']['CreateRuleBody']['conditions'] = [
  { field: 'order.total', operator: 'greater_than', value: 10 },
];

/** Creates a lead; gives its id. */
export async function createLead(token: string): Promise<string> {
  const response = await fetch('/api/v1/leads', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: \`Bearer \${token}\` },
    body: JSON.stringify(body),
  });
  const { data } = (await response.json()) as Created;
  return data.id;
}
`;

const CARELESS_CLIENT = `import type { components } from './routes.js';
export const body: components['schemas']['CreateLeadBody'] = 'a lead';
`;

describe('the metrics', () => {
  const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
  if (!hasPromtool) process.stderr.write('promtool is not on the PATH; its lint of the metrics is left out.\n');

  (hasPromtool ? it : it.skip)('pass promtool', async () => {
    const { body } = await proviso.app.inject({ method: 'GET', url: '/metrics' });
    expect(body).toContain('http_requests_total');
    expect(execFileSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8', stdio: 'pipe' })).toBe('');
  });
});
