import { Injectable } from '@nestjs/common';
import type { ExecutionView } from './execution-view.js';

/** A recorded decision in plain values. */
export interface RevealedExecution {
  readonly execution: ExecutionView;
  /** Whether a key was destroyed, so that some values are gone for ever. */
  readonly isErased: boolean;
}

/** Gives recorded decisions back in plain values, for computing with them; what readers may see is another question. */
@Injectable()
export class SealedValues {
  reveal(_organizationId: string, executions: readonly ExecutionView[]): Promise<readonly RevealedExecution[]> {
    return Promise.resolve(executions.map((execution) => ({ execution, isErased: false })));
  }
}
