import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData } from '../../platform/http/api-answers.js';
import { CurrentActor, RequirePermission } from '../../platform/http/decorators.js';
import { OperationMetrics } from './operation-metrics.js';
import { RuleMetrics } from './rule-metrics.js';

const nullableNumber = { type: 'number', nullable: true } as const;

/** Whether rule sets were in memory when decisions asked for them. */
export class CacheFiguresAnswer {
  @ApiProperty({ description: 'Decisions whose rule set was there', example: 980 })
  readonly hits!: number;

  @ApiProperty({ description: 'Decisions that waited for it to be read', example: 20 })
  readonly misses!: number;

  @ApiProperty({
    description: 'Share of hits, 0 to 1; null while there was no decision',
    ...nullableNumber,
    example: 0.98,
  })
  readonly hitRate!: number | null;
}

/** How one operation did. */
export class OperationFiguresAnswer {
  @ApiProperty({ description: 'What was done', example: 'rules.execute' })
  readonly operation!: string;

  @ApiProperty({ description: 'How often', example: 1000 })
  readonly count!: number;

  @ApiProperty({ description: 'Milliseconds, the mean over all', ...nullableNumber, example: 1.9 })
  readonly meanMs!: number | null;

  @ApiProperty({
    description: 'Milliseconds, the 95th percentile of the latest 256',
    ...nullableNumber,
    example: 4.2,
  })
  readonly p95Ms!: number | null;

  @ApiProperty({ description: 'How many took longer than SLOW_OPERATION_MS', example: 0 })
  readonly slow!: number;

  @ApiProperty({ description: 'How many were refused or failed', example: 3 })
  readonly errors!: number;
}

/** How the organization's rules do in the process that answers. */
export class RuleMetricsAnswer {
  @ApiProperty({
    description: 'The figures are of the one process that answers',
    enum: ['process'],
    example: 'process',
  })
  readonly scope!: 'process';

  @ApiProperty({ description: 'When that process began', example: '2026-11-22T09:30:00.000Z', format: 'date-time' })
  readonly since!: string;

  @ApiProperty({ description: 'The rule sets in memory', type: CacheFiguresAnswer })
  readonly ruleSetCache!: CacheFiguresAnswer;

  @ApiProperty({ description: 'Each operation, by name', type: [OperationFiguresAnswer] })
  readonly operations!: readonly OperationFiguresAnswer[];
}

@ApiTags('Business rules')
@Controller('business-rules')
export class RuleMetricsController {
  private readonly since = new Date(Date.now() - process.uptime() * 1000).toISOString();

  constructor(
    private readonly metrics: RuleMetrics,
    private readonly operations: OperationMetrics,
  ) {}

  @Get('metrics')
  @ApiOperation({ summary: 'Tells how the organization’s rules do in the process that answers, since it began' })
  @RequirePermission('rules:read')
  @ApiData(RuleMetricsAnswer)
  metricsOf(@CurrentActor() { organizationId }: Actor): RuleMetricsAnswer {
    return {
      scope: 'process',
      since: this.since,
      ruleSetCache: this.metrics.cacheFiguresOf(organizationId),
      operations: this.operations.figuresOf(organizationId),
    };
  }
}
