import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import type { LightMyRequestResponse } from 'fastify';
import { HealthChecks } from '../../src/platform/health/health-checks.js';
import { Lifecycle } from '../../src/platform/health/lifecycle.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { MetricsServer } from '../../src/platform/metrics/metrics-server.js';
import { type Probe, startProbe } from './http-probe.js';

let probe: Probe;
const get = (url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
  probe.app.inject({ method: 'GET', url, headers: { 'x-test-permissions': 'things:read', ...headers } });

beforeAll(async () => {
  probe = await startProbe({ METRICS_PORT: '0' });
  await probe.app.listen(0, '127.0.0.1');
});

afterAll(() => probe.app.close());

describe('over the wire', () => {
  const raw = async (bytes: string): Promise<string> => {
    const { port } = probe.app.getHttpServer().address() as AddressInfo;
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      let received = '';
      socket
        .on('data', (chunk) => (received += chunk.toString()))
        .on('end', () => resolve(received))
        .on('error', reject);
    });
  };

  it.each([
    ['garbage', 'hello\r\n\r\n', 400, 'broken-request'],
    ['20 KB of headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
    [
      'both lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'broken-request',
    ],
    [
      'bytes beyond ASCII in the URL',
      'GET /api/v1/things?a=\u00e4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      400,
      'broken-request',
    ],
  ])('answers %s with a problem', async (_, bytes, status, code) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ status, code, success: false });
  });
});

describe('operation', () => {
  it('knows no preflight while no origin is listed', async () => {
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' };
    const response = await probe.app.inject({ method: 'OPTIONS', url: '/api/v1/things', headers });
    expect(response.statusCode).toBe(404);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('writes one line a request, without its query, and one more when it was slow', async () => {
    await get('/api/v1/things/slow?who=ann', { 'x-correlation-id': 'slow-call-1' });
    const lines = probe.lines.filter((line) => line['correlationId'] === 'slow-call-1');
    expect(lines).toEqual([
      expect.objectContaining({
        event: 'request',
        method: 'GET',
        route: '/api/v1/things/slow',
        status: 200,
        durationMs: expect.any(Number),
        organizationId: '0193524e-0000-7000-8000-000000000002',
        actorId: '0193524e-0000-7000-8000-000000000001',
      }),
      expect.objectContaining({ level: 'warn', event: 'slow-operation', operation: 'http' }),
    ]);
    expect(JSON.stringify(lines)).not.toContain('ann');
  });

  it('counts requests by method, route and status', async () => {
    await get('/api/v1/things/17');
    await get('/api/v1/things');
    await get('/api/v1/nowhere');
    const text = await probe.app.get(Metrics).registry.metrics();
    expect(text).toMatch(/http_requests_total\{method="GET",route="\/api\/v1\/things\/:id",status="400"\} [1-9]/);
    expect(text).toMatch(/http_requests_total\{method="GET",route="unmatched",status="404"\} [1-9]/);
    expect(text).toMatch(
      /http_request_duration_seconds_bucket\{le="0.1",method="GET",route="\/api\/v1\/things"\} [1-9]/,
    );
    expect(text).toMatch(/slow_operations_total\{operation="http"\} [1-9]/);
    expect(text).toMatch(/event_loop_delay_seconds\{percentile="99"\} [\d.e-]+/);
    expect((await probe.app.inject('/metrics')).body).toContain('process_cpu_seconds_total');
    const own = await fetch(`http://127.0.0.1:${probe.app.get(MetricsServer).port}/metrics`);
    expect(await own.text()).toContain('http_requests_total');
  });

  it('tells probes whether it is healthy, and operators why not', async () => {
    let isDown = false;
    probe.app.get(HealthChecks).register('database', async () => {
      if (isDown) throw new Error('connection refused');
      return { version: 18 };
    });
    const ask = async (url: string, headers = {}): Promise<unknown[]> => {
      const response = await probe.app.inject({ method: 'GET', url, headers });
      return [response.statusCode, response.json()];
    };
    expect(await ask('/health/live')).toEqual([200, { status: 'ok', checks: {} }]);
    expect(await ask('/ready')).toEqual([200, { status: 'ok', checks: { database: 'up' } }]);
    isDown = true;
    expect(await ask('/health/ready')).toEqual([503, { status: 'error', checks: { database: 'down' } }]);
    expect(await ask('/health')).toEqual([503, { status: 'error', checks: { database: 'down' } }]);
    expect(await ask('/health', { 'x-test-permissions': 'ops:read' })).toEqual([
      503,
      {
        status: 'error',
        checks: { database: { status: 'down', message: 'connection refused', responseTime: expect.any(Number) } },
      },
    ]);
    isDown = false;
    await probe.app.get(Lifecycle).drain(1);
    expect(await ask('/ready')).toEqual([503, { status: 'shutting_down', checks: { database: 'up' } }]);
    expect((await get('/api/v1/things')).statusCode).toBe(200);
  });

  it('does not start with a route that does not say who may call it', async () => {
    @Controller('bad')
    class BadController {
      @Get()
      read(): object {
        return {};
      }
    }
    await expect(startProbe({}, { controllers: [BadController] })).rejects.toThrow('GET BadController.read');
  });
});
