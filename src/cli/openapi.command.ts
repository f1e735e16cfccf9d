import { writeFile } from 'node:fs/promises';
import { Command, CommandRunner, Option } from 'nest-commander';
import { createApplication } from '../application.js';
import { InjectConfiguration } from '../platform/config/config.module.js';
import type { Configuration } from '../platform/config/configuration.js';
import { createDocument } from '../platform/http/openapi.js';
import { Logger } from '../platform/logging/logger.js';

@Command({ name: 'openapi', description: 'Writes the OpenAPI document of all routes' })
export class OpenapiCommand extends CommandRunner {
  constructor(
    @InjectConfiguration() private readonly configuration: Configuration,
    private readonly logger: Logger,
  ) {
    super();
  }

  async run(_parameters: string[], { output }: { output: string }): Promise<void> {
    const app = await createApplication(this.configuration, this.logger);
    try {
      await writeFile(output, `${JSON.stringify(createDocument(app), undefined, 2)}\n`);
    } finally {
      await app.close();
    }
    process.stdout.write(`${output} was written.\n`);
  }

  @Option({ flags: '--output <file>', description: 'Where to write it', defaultValue: 'openapi.json' })
  parseOutput(text: string): string {
    return text;
  }
}
