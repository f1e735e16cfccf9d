import { Module } from '@nestjs/common';
import { CONFIGURATION } from '../config/config.module.js';
import type { Configuration } from '../config/configuration.js';
import { AllowedTargets } from './allowed-targets.js';
import { Outbound } from './outbound.js';

/** The way out to servers whose addresses users give. */
@Module({
  providers: [
    {
      provide: Outbound,
      inject: [CONFIGURATION],
      useFactory: ({ OUTBOUND_ALLOW, isProduction }: Configuration) =>
        new Outbound({ allowed: new AllowedTargets(OUTBOUND_ALLOW), isProduction }),
    },
  ],
  exports: [Outbound],
})
export class OutboundModule {}
