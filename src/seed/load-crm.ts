import type { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ListUsers } from '../identity/identity.contract.js';
import { DomainError, invalid } from '../kernel/domain-error.js';
import type { Actor } from '../platform/http/actor.js';
import { CreateRule, ListRules } from '../rules/rules.contract.js';
import { CreateEmailTemplate, CreateWorkflow } from '../workflows/workflows.contract.js';
import { LEAD_CREATED, leadRules, type SalesTeam, welcomeTemplates, welcomeWorkflow } from './shipped-crm.js';
import { nurtureTemplates, nurtureWorkflow } from './shipped-nurture.js';

/** Where commands and queries go. */
export interface Buses {
  readonly commands: CommandBus;
  readonly queries: QueryBus;
}

/** How many were made; what was there already is not counted. */
export interface LoadedContent {
  readonly rules: number;
  readonly workflows: number;
  readonly templates: number;
}

/** Between the two mails of the welcome workflow, unless somebody wants it otherwise. */
export const DEFAULT_PAUSE = 'P2D';

/** More members or rules than an organization has of them. */
const ALL = 10_000;
/** From whom leads are given to a representative, and to a senior one: the first role that somebody has. */
const REPRESENTATIVES = ['member', 'manager', 'admin', 'owner'] as const;
const SENIORS = ['manager', 'admin', 'owner'] as const;

/**
 * Loads the shipped lead rules, the welcome and nurture workflows and their mails into the actor's organization, in force at once.
 * What has the name of a shipped one already stays as it is, so loading again does no harm.
 * @param pause between the two mails of the welcome workflow: ISO 8601 duration or number of days
 * @throws invalid `nobody-to-assign`
 */
export async function loadCrm(buses: Buses, actor: Actor, pause: string | number): Promise<LoadedContent> {
  const team = await salesTeamOf(buses.queries, actor);
  let templates = 0;
  for (const template of [...welcomeTemplates, ...nurtureTemplates]) {
    if (await isNew(() => buses.commands.execute(new CreateEmailTemplate(actor, template)))) templates += 1;
  }
  let workflows = 0;
  for (const definition of [welcomeWorkflow(pause), nurtureWorkflow]) {
    const workflow = { enabled: true, definition };
    if (await isNew(() => buses.commands.execute(new CreateWorkflow(actor, workflow)))) workflows += 1;
  }
  return { templates, workflows, rules: await loadRules(buses, actor, team) };
}

/** Whether nothing had the name yet. */
async function isNew(create: () => Promise<unknown>): Promise<boolean> {
  try {
    await create();
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code.endsWith('-name-taken')) return false;
    throw error;
  }
}

async function loadRules({ commands, queries }: Buses, actor: Actor, team: SalesTeam): Promise<number> {
  const { items } = await queries.execute(
    new ListRules(actor, { entryPoint: LEAD_CREATED }, 'createdAt', { limit: ALL }),
  );
  const known = new Set(items.map(({ name }) => name));
  const missing = leadRules(team).filter(({ name }) => !known.has(name));
  for (const rule of missing) {
    await commands.execute(new CreateRule(actor, { entryPoint: LEAD_CREATED }, rule, true));
  }
  return missing.length;
}

async function salesTeamOf(queries: QueryBus, actor: Actor): Promise<SalesTeam> {
  const { items } = await queries.execute(new ListUsers(actor, { status: 'active', limit: ALL }));
  const first = (roles: readonly (typeof REPRESENTATIVES)[number][]): string => {
    const ranked = roles.flatMap((role) => items.filter((user) => user.roles.includes(role)));
    if (!ranked[0]) {
      throw invalid(
        'nobody-to-assign',
        `New leads are given to somebody who has joined as ${roles.join(', ')}; nobody has. Accept an invitation first.`,
      );
    }
    return ranked[0].id;
  };
  return { senior: first(SENIORS), representative: first(REPRESENTATIVES) };
}
