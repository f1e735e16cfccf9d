import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { invalid } from '../../src/kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../src/kernel/json.js';
import type { Actor } from '../../src/platform/http/actor.js';
import { CreateWorkflow } from '../../src/workflows/definitions/commands/create-workflow.js';
import type { WorkflowAnswer } from '../../src/workflows/definitions/workflow-answer.js';
import { ExecuteWorkflow } from '../../src/workflows/executions/commands/execute-workflow.js';
import { GetExecution, type ExecutionDetails } from '../../src/workflows/executions/queries/get-execution.js';
import { StepActions, type StepContext } from '../../src/workflows/executions/step-actions.js';
import { eventually } from '../support/eventually.js';
import { startFixture, type WorkflowsFixture } from './workflows-application.js';

/** What the actions of a scene did: parameters of each run, in order, and whether `flaky` fails now. */
export interface Deeds {
  readonly done: JsonObject[];
  isBroken: boolean;
}

const action = (name: string, run: (parameters: JsonObject) => JsonValue) => ({
  name,
  queue: 'workflow-steps' as const,
  parametersSchema: { type: 'object' },
  run: async ({ parameters }: StepContext): Promise<JsonValue> => run(parameters),
});

/** `echo` gives back its parameters, `refuse` always fails for good, `flaky` as long as it is broken. */
export function registerActions(app: NestFastifyApplication, deeds: Deeds): void {
  const refuse = (): never => {
    throw invalid('refused', 'It is refused.');
  };
  const note = (parameters: JsonObject): JsonValue => {
    deeds.done.push(parameters);
    return parameters;
  };
  const actions = app.get(StepActions, { strict: false });
  actions.register(action('echo', note));
  actions.register(action('refuse', refuse));
  actions.register(action('flaky', (parameters) => (deeds.isBroken ? refuse() : note(parameters))));
}

let count = 0;

/** A step that runs an action. */
export const act = (id: string, name = 'echo', more: object = {}) => ({
  id,
  name: `Step ${id}`,
  type: 'action',
  configuration: { action: name, parameters: { id } },
  ...more,
});

/** An application with workers of its own, and short ways to write, start and read workflows in it. */
export async function startScene() {
  const fixture: WorkflowsFixture = await startFixture();
  const app = await fixture.start();
  const deeds: Deeds = { done: [], isBroken: false };
  registerActions(app, deeds);
  const { organizationId } = await fixture.seed(app, 'first');
  const actor: Actor = fixture.actor(organizationId);
  const commands = app.get(CommandBus);
  const read = (id: string): Promise<ExecutionDetails> => app.get(QueryBus).execute(new GetExecution(actor, id));
  const create = (members: object): Promise<WorkflowAnswer> => {
    const definition = { name: `Workflow ${count++}`, trigger: { type: 'manual' }, ...members };
    return commands.execute(new CreateWorkflow(actor, { enabled: true, definition: definition }));
  };
  const execute = async (workflowId: string, variables: JsonObject = {}): Promise<string> =>
    (await commands.execute(new ExecuteWorkflow(actor, workflowId, variables))).executionId;
  return {
    fixture,
    app,
    actor,
    deeds,
    commands,
    read,
    create,
    execute,
    start: async (...steps: object[]): Promise<string> => execute((await create({ steps })).id),
    reaches: (id: string, status: string): Promise<ExecutionDetails> =>
      eventually(async () => {
        const execution = await read(id);
        if (execution.status !== status) {
          throw new Error(`It is ${execution.status}, not ${status}: ${execution.errorMessage ?? 'without an error'}.`);
        }
        return execution;
      }, 30_000),
  };
}

export type WorkflowScene = Awaited<ReturnType<typeof startScene>>;
