import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION } from '../config/config.module.js';
import type { Configuration } from '../config/configuration.js';
import { Mailer } from './mailer.js';

/** The way out for mails. */
@Module({
  providers: [
    {
      provide: Mailer,
      inject: [CONFIGURATION],
      useFactory: (configuration: Configuration) => new Mailer(configuration),
    },
  ],
  exports: [Mailer],
})
export class MailModule implements OnApplicationShutdown {
  constructor(@Inject(Mailer) private readonly mailer: Mailer) {}

  onApplicationShutdown(): void {
    this.mailer.close();
  }
}
