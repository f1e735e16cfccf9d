import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { ProblemFilter } from './problem.filter.js';
import { RateLimits } from './rate-limits.js';
import { RouteGuardCheck } from './route-guard-check.js';
import { InputPipe } from './validation.js';

/** What every route goes through: reading input, answering errors, counting calls, and saying who may call it. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: APP_PIPE, useClass: InputPipe },
    { provide: APP_FILTER, useClass: ProblemFilter },
    RateLimits,
    RouteGuardCheck,
  ],
  exports: [RateLimits],
})
export class HttpModule {}
