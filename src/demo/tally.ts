/** Something that must be so, with the numbers that say whether it is. */
export interface Check {
  readonly what: string;
  readonly expected: number;
  readonly actual: number;
}

/** What a mail server took, or kept instead of sending it. */
export interface DeliveredMail {
  readonly recipient: string;
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export const holds = ({ expected, actual }: Check): boolean => expected === actual;

/** How many of the subjects were decided about exactly once; `decided` names the subject of each decision. */
export function decidedOnce(subjects: readonly string[], decided: readonly string[]): number {
  const times = new Map<string, number>();
  for (const id of decided) times.set(id, (times.get(id) ?? 0) + 1);
  return subjects.filter((id) => times.get(id) === 1).length;
}

/**
 * How many of the recipients got exactly two different mails, the second no sooner than `pauseMs` after the first.
 * Mails to others are left out.
 */
export function inOrder(recipients: readonly string[], mails: readonly DeliveredMail[], pauseMs: number): number {
  const byRecipient = Map.groupBy(mails, ({ recipient }) => recipient.toLowerCase());
  return recipients.filter((recipient) => {
    const got = byRecipient.get(recipient.toLowerCase()) ?? [];
    const [first, second] = got.toSorted((one, other) => one.at - other.at);
    return got.length === 2 && first!.subject !== second!.subject && second!.at - first!.at >= pauseMs;
  }).length;
}
