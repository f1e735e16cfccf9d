import { conflict } from '../../kernel/domain-error.js';

/** Where a lead may go from each status. `disqualified` and `converted` are ends. */
export const leadTransitions = {
  new: ['contacted', 'nurturing', 'disqualified'],
  contacted: ['nurturing', 'qualified', 'disqualified'],
  nurturing: ['contacted', 'qualified', 'disqualified'],
  qualified: ['converted', 'disqualified'],
  disqualified: [],
  converted: [],
} as const satisfies Record<string, readonly string[]>;

/** How far a lead has come. */
export type LeadStatus = keyof typeof leadTransitions;

export const leadStatuses = Object.keys(leadTransitions) as LeadStatus[];

/** @throws conflict `transition-not-allowed`; its `allowed` lists where the lead may go instead */
export function assertTransition(from: LeadStatus, to: string): asserts to is LeadStatus {
  const allowed: readonly string[] = leadTransitions[from];
  if (allowed.includes(to)) return;
  const choices = allowed.length > 0 ? `only to ${allowed.join(', ')}` : 'nowhere any more';
  throw conflict('transition-not-allowed', `A lead that is ${from} cannot become ${to}; it may go ${choices}.`, {
    allowed,
  });
}
