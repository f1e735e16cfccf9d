import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import { Lifecycle } from './lifecycle.js';

/** Looks whether a part works. Throws when it does not; may give details, such as a version or a lag in seconds. */
export type HealthCheck = () => Promise<Readonly<Record<string, unknown>> | void>;

/** A check that takes longer counts as failed. */
const TIMEOUT_MS = 3_000;

/** The parts that this process needs in order to serve, each registered by the module that owns it. */
@Injectable()
export class HealthChecks {
  private readonly checks = new Map<string, HealthCheck>();

  constructor(
    private readonly service: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly lifecycle: Lifecycle,
  ) {}

  /** Adds a part under a name in camelCase, `database`. */
  register(name: string, check: HealthCheck): void {
    if (this.checks.has(name)) throw new Error(`The health check ${name} is registered already.`);
    this.checks.set(name, check);
  }

  /** Runs all checks at once. Draining counts as not healthy, so that no new caller is sent here. */
  async run(): Promise<HealthCheckResult> {
    const running = [...this.checks].map(
      ([name, check]) =>
        () =>
          this.indicators.check(name).attempt(check).withTimeout(TIMEOUT_MS),
    );
    const result = await this.service.check(running).catch(resultOf);
    return this.lifecycle.isDraining ? { ...result, status: 'shutting_down' } : result;
  }
}

/** The library throws the result of a failed run. */
function resultOf(error: unknown): HealthCheckResult {
  if (error instanceof ServiceUnavailableException) return error.getResponse() as HealthCheckResult;
  throw error;
}
