import type { Unit } from '../../../audit/audit.contract.js';
import { invalid, type Violation } from '../../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import type { Queues } from '../../../platform/queue/queues.js';
import { compileContextSchema, type ContextCheck } from '../../../rules/rules.contract.js';
import type { Definitions } from '../../definitions/definitions.js';
import type { HumanTaskStep, Step, WorkflowDefinition } from '../../engine/definition.js';
import { deliver } from '../deliveries/delivery.js';
import { alreadyResumed, findExecutedVersion, findOpenWait, type OpenWait, type StepAddress } from './open-wait.js';
import { stepResumed, taskCompleted } from './task-events.js';
import { closeTask, expectMayComplete } from './task-rows.js';

/** The forms of tasks, compiled once for as long as their definitions are in memory. */
const forms = new WeakMap<JsonObject, ContextCheck>();

/** Takes what people bring for steps that wait: the result of a task, or the event that a step waits for. */
export class StepResults {
  constructor(
    private readonly definitions: Definitions,
    private readonly queues: Queues,
  ) {}

  /**
   * Delivers a result to the visit of a step that waits for one. A task's is taken from its assignee, from who has its
   * role, or from who may write workflows, and must be as its form says.
   * @throws not-found, invalid `not-resumable`, `scope-needed` or `invalid-result` with the places below `#/result`,
   *   conflict `step-not-waiting` or `step-already-resumed`, forbidden `not-your-task`
   */
  async bring(unit: Unit, address: StepAddress, result: JsonValue): Promise<void> {
    const version = await findExecutedVersion(unit, address.executionId);
    const { organizationId } = unit.actor;
    const definition = await this.definitions.get(organizationId, version.workflowId, version.definitionVersion);
    const step = expectResumable(definition, address.stepId);
    const wait = await findOpenWait(unit, address);
    if (step.type === 'human_task') await expectMayComplete(unit, wait.stepRunId);
    if (step.type === 'human_task') expectForm(step, result);
    const reached = await deliver(unit, this.queues, [{ stepRunId: wait.stepRunId, delivered: { output: result } }]);
    if (reached.size === 0) alreadyResumed(wait.stepId);
    if (step.type === 'human_task') await closeTask(unit, wait.stepRunId, result);
    record(unit, wait, step.type === 'human_task');
  }
}

function expectResumable({ steps }: WorkflowDefinition, stepId: string): Step {
  const step = steps.find(({ id }) => id === stepId);
  if (step?.type === 'human_task' || step?.type === 'wait_for_event') return step;
  const message = step ? `is of type ${step.type}, which takes no result` : 'is no step of this workflow';
  throw invalid('not-resumable', `"${stepId}" ${message}.`, { violations: [{ pointer: '#/stepId', message }] });
}

function expectForm({ configuration: { form } }: HumanTaskStep, result: JsonValue): void {
  if (!form) return;
  let check = forms.get(form);
  if (!check) forms.set(form, (check = compileContextSchema(form)));
  const violations = check(result).map(({ pointer, message }): Violation => ({
    pointer: `#/result${pointer.slice(1)}`,
    message,
  }));
  const [first] = violations;
  if (first) throw invalid('invalid-result', `${first.pointer} ${first.message}.`, { violations });
}

/** Told by the visit itself, because the execution moves on only when a worker takes what was brought. */
function record(unit: Unit, wait: OpenWait, isTask: boolean): void {
  const about = wait.subject ?? { type: 'workflow-execution', id: wait.executionId };
  const events = [stepResumed(wait), ...(isTask ? [taskCompleted(wait.stepRunId, wait.executionId)] : [])];
  unit.as({ ...unit.actor, subject: about }).record('workflow-step', { id: wait.stepRunId, version: 1 }, ...events);
}
