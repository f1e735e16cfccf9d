import type { StepAction, StepQueue } from '../../src/workflows/executions/step-actions.js';
import { EffectAction, type EffectPlaces } from './effects.js';
import type { Actions } from './over-network.js';
import type { SimulatedProcess } from './simulated-process.js';

const QUEUES: Readonly<Record<string, StepQueue>> = { note: 'workflow-steps', send: 'emails' };

/** The actions that there are, as far as anybody wants to know beforehand. */
export const ACTION_QUEUES: Pick<Actions, 'find'> = {
  find: (name): StepAction | undefined => {
    const queue = QUEUES[name];
    const run = (): never => {
      throw new Error('Only a process runs actions.');
    };
    return queue && { name, queue, parametersSchema: {}, run };
  },
};

/** The actions as a process runs them. */
export function actionsOf(process: SimulatedProcess, places: EffectPlaces): Actions {
  const actions = new Map(
    Object.keys(QUEUES).map((name) => [name, new EffectAction(name === 'send', process, places)]),
  );
  return { ...ACTION_QUEUES, run: (name, context) => actions.get(name)!.run(context) };
}
