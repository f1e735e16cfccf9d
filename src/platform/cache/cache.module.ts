import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
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
  constructor(@Inject(ChangeFollower) private readonly follower: ChangeFollower) {}

  onModuleInit(): Promise<void> {
    return this.follower.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.follower.stop();
  }
}
