import type { AuthoredFunction, CustomFunction } from './custom-function.js';

/** A function as callers see it, with its newest version. */
export interface FunctionView extends AuthoredFunction {
  readonly name: string;
  readonly version: number;
  readonly liveVersion: number | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
}

/** What of a function its view is made of. */
export type FunctionState = Pick<
  CustomFunction,
  'name' | 'definitionVersion' | 'liveVersion' | 'definition' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy'
>;

/** The function with its newest version. */
export const viewOf = (state: FunctionState): FunctionView => ({
  name: state.name,
  version: state.definitionVersion,
  liveVersion: state.liveVersion,
  ...state.definition,
  createdAt: state.createdAt.toISOString(),
  createdBy: state.createdBy,
  updatedAt: state.updatedAt.toISOString(),
  updatedBy: state.updatedBy,
});
