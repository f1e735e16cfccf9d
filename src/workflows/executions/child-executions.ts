import { MAX_DEPTH, type Unit, type UnitOfWork } from '../../audit/audit.contract.js';
import { invalid, unavailable } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import { findWorkflowByName } from '../definitions/workflow-rows.js';
import type { Workflow } from '../definitions/workflow.js';
import { executionActor, type HeldStep } from './execution-snapshot.js';
import type { Executions } from './executions.js';

/** What a step says of a workflow that it starts. */
export interface WorkflowCall {
  /** Its name. */
  readonly workflow: string;
  readonly variables?: JsonObject;
}

// The execution is locked before the run, as whatever changes rows of an execution does.
const LOCK = 'select id from workflow_executions where organization_id = ? and id = ? for no key update';

const PARK = `update workflow_step_runs set status = 'waiting', due_at = 'infinity', alarm_at = 'infinity',
    lease_owner = null, lease_until = null
  where organization_id = ? and id = ? and fence = ? and status = 'running' returning id`;

const WAITS = `update workflow_executions e set status = 'waiting'
  where organization_id = ? and id = ? and status = 'running' and not exists (
    select from workflow_step_runs run where run.organization_id = e.organization_id and run.execution_id = e.id
      and (run.status = 'running' or (run.status = 'waiting' and run.due_at <= app_now())))`;

/** Executions that a subworkflow step waits for: started in the very transaction in which the step begins to wait. */
export class ChildExecutions {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly executions: Executions,
  ) {}

  /**
   * Starts the child of a held step and lets the step wait, without a worker, for the child's end.
   * @throws invalid `too-deep`, `unknown-workflow` or `invalid-variables`, conflict `workflow-disabled`, unavailable `lease-lost`
   */
  async start(held: HeldStep): Promise<void> {
    const { organizationId, execution, id, fence } = held;
    const call = held.input as JsonObject & WorkflowCall;
    await this.unitOfWork.run(executionActor(organizationId, execution), async (unit) => {
      await unit.em.execute(LOCK, [organizationId, execution.id]);
      const parked = await unit.em.execute<unknown[]>(PARK, [organizationId, id, fence]);
      if (parked.length === 0) throw unavailable('lease-lost', 'Somebody else does this step by now.');
      await unit.em.execute(WAITS, [organizationId, execution.id]);
      const workflow = await expectWorkflow(unit, call.workflow);
      await this.executions.start(unit, workflow, call.variables ?? {}, { parentStepRunId: id });
    });
  }
}

/** The workflow that a step starts. @throws invalid `too-deep` or `unknown-workflow` */
export async function expectWorkflow(unit: Unit, name: string): Promise<Workflow> {
  if (unit.actor.depth >= MAX_DEPTH) {
    throw invalid('too-deep', `More than ${MAX_DEPTH} events lie behind this step; the chain of workflows ends here.`);
  }
  const workflow = await findWorkflowByName(unit.em, name);
  if (!workflow) throw invalid('unknown-workflow', `There is no workflow called "${name}".`);
  return workflow;
}
