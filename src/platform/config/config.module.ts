import { type DynamicModule, Inject, Module } from '@nestjs/common';
import type { Configuration } from './configuration.js';

/** Injection token of the settings, read once by the entry of the process. */
export const CONFIGURATION = Symbol('configuration');

/** Injects the settings. */
export const InjectConfiguration = (): ParameterDecorator & PropertyDecorator => Inject(CONFIGURATION);

@Module({})
export class ConfigModule {
  static forRoot(configuration: Configuration): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: CONFIGURATION, useValue: configuration }],
      exports: [CONFIGURATION],
    };
  }
}
