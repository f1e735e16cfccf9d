import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HealthChecks } from '../health/health-checks.js';
import { CONFIGURATION } from '../config/config.module.js';
import type { Configuration } from '../config/configuration.js';
import { ChangeFollower } from './change-follower.js';

@Global()
@Module({
  providers: [
    {
      provide: ChangeFollower,
      inject: [CONFIGURATION],
      useFactory: (configuration: Configuration) => new ChangeFollower(configuration.databaseUrl!),
    },
  ],
  exports: [ChangeFollower],
})
export class CacheModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(ChangeFollower) private readonly follower: ChangeFollower,
    @Inject(HealthChecks) private readonly health: HealthChecks,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.follower.start();
    this.health.register('changes', async () => {
      if (!this.follower.isFollowing) throw new Error('Changes of rules and permissions cannot be followed.');
    });
  }

  onApplicationShutdown(): Promise<void> {
    return this.follower.stop();
  }
}
