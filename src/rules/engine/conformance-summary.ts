import type { ConformanceFailure, ConformanceReport } from './conformance.js';

/** What a run of the suites says to people, and whether every case passed. */
export interface ConformanceSummary {
  readonly lines: readonly string[];
  readonly isPassed: boolean;
}

const CLASSIC_FILE = 'compatible.json';

const casesOf = ({ passed, failed }: ConformanceReport): number => passed + failed.length;

const total = (reports: readonly ConformanceReport[]): string => {
  const passed = reports.reduce((sum, report) => sum + report.passed, 0);
  return `${passed}/${reports.reduce((sum, report) => sum + casesOf(report), 0)}`;
};

const describeFailure = ({ description, rule, expected, actual }: ConformanceFailure): readonly string[] => [
  `  ✗ ${description}`,
  `    ${JSON.stringify(rule)}`,
  `    expected: ${expected}`,
  `    actual:   ${actual}`,
];

const describeFile = (report: ConformanceReport): readonly string[] => [
  `${report.failed.length === 0 ? '✓' : '✗'} ${total([report]).padStart(9)}  ${report.file}`,
  ...report.failed.flatMap(describeFailure),
];

/** A line for each file, every difference with what was expected, and the totals. A run without a case has not passed. */
export function summarize(
  jsonLogic: readonly ConformanceReport[],
  canonical: readonly ConformanceReport[],
): ConformanceSummary {
  const all = [...jsonLogic, ...canonical];
  return {
    lines: [
      'JSONLogic',
      ...jsonLogic.flatMap(describeFile),
      'RFC 8785, canonical JSON',
      ...canonical.flatMap(describeFile),
      `classic ${total(jsonLogic.filter(({ file }) => file === CLASSIC_FILE))}`,
      `all ${total(jsonLogic)}`,
      `rfc8785 ${total(canonical)}`,
    ],
    isPassed: all.every(({ failed }) => failed.length === 0) && all.some((report) => casesOf(report) > 0),
  };
}
