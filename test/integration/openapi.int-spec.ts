import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { Public } from '../../src/platform/http/decorators.js';
import { createDocument } from '../../src/platform/http/openapi.js';
import { type Probe, startProbe } from './http-probe.js';

interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly security?: unknown[];
  readonly parameters?: {
    readonly name: string;
    readonly in: string;
    readonly schema: unknown;
    readonly example?: unknown;
  }[];
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, { readonly properties: Record<string, unknown>; readonly required?: string[] }>;
  };
}

let probe: Probe;
let document: Document;

beforeAll(async () => {
  probe = await startProbe();
  document = (await probe.app.inject({ method: 'GET', url: '/api/docs-json' })).json<Document>();
});

afterAll(() => probe.app.close());

const operation = (method: string, path: string): Operation => document.paths[path]![method]!;

describe('the OpenAPI document', () => {
  it('passes the strict rules of a linter', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'openapi-'));
    try {
      const file = join(folder, 'openapi.json');
      await writeFile(file, JSON.stringify(document));
      const linter = [
        'node_modules/@redocly/cli/bin/cli.js',
        'lint',
        file,
        '--extends',
        'recommended-strict',
        '--format',
        'json',
      ];
      const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
      const { stdout } = await promisify(execFile)(process.execPath, linter, { env: environment }).catch(
        (error: unknown) => {
          throw new Error((error as { stdout: string }).stdout);
        },
      );
      expect((JSON.parse(stdout) as { totals: unknown }).totals).toMatchObject({ errors: 0, warnings: 0 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('tells who may call', () => {
    expect(operation('post', '/api/v1/things')).toMatchObject({
      description: 'Permission: things:write',
      'x-permission': 'things:write',
      security: [{ bearer: [] }],
    });
    expect(operation('get', '/api/v1/things').description).toBe('Permission: things:read');
    expect(operation('get', '/api/v1/open/bare').security).toEqual([]);
    expect(operation('get', '/api/v1/open/members')).toMatchObject({
      'x-permission': 'things:read',
      security: [{ bearer: [] }],
    });
    expect(operation('get', '/health/ready').security).toEqual([]);
  });

  it('lists the problems that each operation can answer', () => {
    const problems = (method: string, path: string): string[] =>
      Object.entries(operation(method, path).responses)
        .filter(([, { content }]) => content?.['application/problem+json'])
        .map(([status]) => status);
    expect(problems('post', '/api/v1/things')).toEqual(['400', '401', '403', '409', '413', '415', '422', '429', '503']);
    expect(problems('put', '/api/v1/things/{id}')).toContain('412');
    expect(problems('get', '/api/v1/things/fail/{how}')).toEqual(['400', '401', '403', '404', '409', '429', '503']);
    expect(problems('get', '/api/v1/open/bare')).toEqual(['400', '429', '503']);
  });

  it('has operation ids of their own, also for two paths of one method', () => {
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['things_create', 'health_ready', 'health_ready_1']));
  });

  it('says about each field what the check asks for', () => {
    const { properties, required } = document.components.schemas['ThingInput']!;
    expect(required).toEqual(['name']);
    expect(properties).toMatchObject({
      name: { type: 'string', minLength: 1, maxLength: 20, example: 'Cup' },
      ownerId: { type: ['string', 'null'], format: 'uuid' },
      context: { type: 'object', additionalProperties: true, example: { color: 'red' } },
      parts: { type: 'array', maxItems: 3, items: { $ref: '#/components/schemas/Part' } },
      tags: { type: 'array', maxItems: 2, items: { type: 'string' } },
      size: { enum: ['small', 'large'] },
    });
    expect(document.components.schemas['ThingChange']!.required).toBeUndefined();
    const limit = operation('get', '/api/v1/things').parameters?.find(({ name }) => name === 'limit');
    expect(limit).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
    });
    expect(operation('get', '/api/v1/things/{id}').parameters).toEqual([
      expect.objectContaining({
        name: 'id',
        in: 'path',
        required: true,
        schema: expect.objectContaining({ format: 'uuid' }),
      }),
    ]);
    const headers = operation('put', '/api/v1/things/{id}').parameters?.filter((each) => each.in === 'header');
    expect(headers?.map(({ name }) => name)).toEqual(['If-Match']);
  });

  it('is shown by pages whose scripts the policy allows', async () => {
    const page = await probe.app.inject({ method: 'GET', url: '/api/docs' });
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/<script(?![^>]*src=)[^>]*>/);
    const scripts = [...page.body.matchAll(/<script src="\.\/([^"]+)"/g)].map(([, name]) => `/api/${name}`);
    expect(scripts).toHaveLength(3);
    for (const url of scripts) expect((await probe.app.inject({ method: 'GET', url })).statusCode).toBe(200);
  });

  it('is not made while an operation has no summary', async () => {
    @Controller('silent')
    @Public()
    class SilentController {
      @Get()
      read(): object {
        return {};
      }
    }
    const { app } = await startProbe({}, { controllers: [SilentController] });
    expect(() => createDocument(app)).toThrow('silent_read');
    await app.close();
  });
});
