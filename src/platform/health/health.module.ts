import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthChecks } from './health-checks.js';
import { HealthController } from './health.controller.js';
import { Lifecycle } from './lifecycle.js';

/** Probes, and the registry that the modules put their checks into. */
@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [HealthChecks, Lifecycle],
  exports: [HealthChecks, Lifecycle],
})
export class HealthModule {}
