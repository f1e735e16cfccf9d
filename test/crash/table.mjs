// The reports of a crash run as a table for people.

const seconds = (value) => value.toFixed(1);
const effects = ({ due, delivered, unknown, inFlight }) => `${due}/${delivered}/${unknown} (${inFlight})`;

const columns = {
  fault: ({ fault }) => fault,
  backend: ({ backend }) => backend,
  moments: ({ moments }) => moments,
  executions: ({ executions }) => executions,
  'ended rightly': ({ endedRightly }) => endedRightly,
  'mails due/delivered/unknown (in flight)': ({ mails }) => effects(mails),
  'webhooks due/delivered/unknown (in flight)': ({ webhooks }) => effects(webhooks),
  doubles: ({ mails, webhooks }) => mails.doubles + webhooks.doubles,
  takeovers: ({ takeovers }) => takeovers,
  'longest takeover s': ({ longestTakeoverS }) => seconds(longestTakeoverS),
  'latest start s': ({ latestStartS }) => (latestStartS === null ? '–' : seconds(latestStartS)),
  'took s': (report) => seconds(report.seconds),
  verdict: ({ broken }) => (broken.length === 0 ? 'holds' : 'BROKEN'),
};

/** Markdown, so that it can be pasted where it is told. */
export const tableOf = (reports) => {
  const names = Object.keys(columns);
  const rows = reports.map((report) => Object.values(columns).map((cell) => String(cell(report))));
  const widths = names.map((name, index) => Math.max(name.length, ...rows.map((row) => row[index].length)));
  const line = (cells) => `| ${cells.map((cell, index) => cell.padEnd(widths[index])).join(' | ')} |`;
  return [line(names), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
};
