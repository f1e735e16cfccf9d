import type { EventType } from '../../audit/audit.contract.js';

const about = (type: string, description: string): EventType => ({
  type: `rules.backtest-${type}`,
  version: 1,
  isPublished: false,
  description,
});

/** What happens to back-tests. */
export const backtestEventTypes: readonly EventType[] = [
  about('queued', 'A draft is to be tried over recorded decisions: rule, version, revision, which decisions'),
  about('completed', 'A draft was tried: decisions, how many would change, how many are erased'),
  about('cancelled', 'A back-test was stopped: decisions that it had taken again'),
  about('failed', 'A back-test could not go on: why'),
];
