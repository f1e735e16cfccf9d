import { Authenticator } from '../../identity/identity.contract.js';
import { CONFIGURATION } from '../../platform/config/config.module.js';
import type { Configuration } from '../../platform/config/configuration.js';
import { Pools } from '../../platform/database/pools.js';
import { Sql } from '../../platform/database/sql.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { ErrorLog } from '../../platform/queue/error-log.js';
import { ExecutionFollowers } from './execution-followers.js';
import { ExecutionWatch } from './execution-watch.js';
import { OpenStreams } from './open-streams.js';
import { defineRunGauges } from './run-gauges.js';
import { GetWorkflowMetricsHandler } from './queries/get-workflow-metrics.js';
import { TransitionEvents } from './transition-events.js';

const BEAT_EVERY_MS = 15_000;

/** Each holds 32 kB at most, besides what the kernel buffers. */
const STREAM_LIMITS = { perActor: 100, inAll: 1_000, unreadForMs: 30_000 };

const RUN_GAUGES = Symbol('run gauges');

/** What lets people see workflows at work. */
export const observationProviders = [
  GetWorkflowMetricsHandler,
  {
    provide: OpenStreams,
    inject: [Metrics],
    useFactory: (metrics: Metrics) => new OpenStreams(STREAM_LIMITS, metrics),
  },
  {
    provide: RUN_GAUGES,
    inject: [Metrics, Pools, CONFIGURATION],
    // One process after the other would count the same rows, so those that do no work leave it.
    useFactory: ({ registry }: Metrics, pools: Pools, { PROCESS_ROLE }: Configuration) => {
      if (PROCESS_ROLE !== 'api') defineRunGauges(registry, pools.get('sweeper', { role: 'sweeper', max: 1 }));
      return null;
    },
  },
  {
    provide: ExecutionWatch,
    inject: [Pools, ErrorLog],
    useFactory: (pools: Pools, errors: ErrorLog) =>
      new ExecutionWatch(pools.get('watch', { role: 'follower', max: 1 }), errors),
  },
  {
    provide: ExecutionFollowers,
    inject: [Sql, ExecutionWatch, OpenStreams, Authenticator],
    useFactory: (sql: Sql, watch: ExecutionWatch, streams: OpenStreams, authenticator: Authenticator) => {
      const events = new TransitionEvents(sql);
      return new ExecutionFollowers({ events, watch, beatEveryMs: BEAT_EVERY_MS, streams, authenticator });
    },
  },
];
