import type { Provider } from '@nestjs/common';
import { CreateFunctionHandler } from './commands/create-function.js';
import { PublishFunctionHandler } from './commands/publish-function.js';
import { RemoveFunctionHandler } from './commands/remove-function.js';
import { ReviseFunctionHandler } from './commands/revise-function.js';
import { FunctionAuthoring } from './function-authoring.js';
import { FunctionMetrics } from './function-metrics.js';
import { FunctionSandbox } from './function-sandbox.js';
import { GetFunctionHandler } from './queries/get-function.js';
import { ListFunctionVersionsHandler } from './queries/list-function-versions.js';
import { ListFunctionsHandler } from './queries/list-functions.js';
import { TestFunctionHandler } from './queries/test-function.js';
import { RuleVocabulary } from './rule-vocabulary.js';

/** What the module of rules provides for functions. */
export const functionProviders: readonly Provider[] = [
  FunctionAuthoring,
  FunctionMetrics,
  FunctionSandbox,
  RuleVocabulary,
  CreateFunctionHandler,
  PublishFunctionHandler,
  RemoveFunctionHandler,
  ReviseFunctionHandler,
  GetFunctionHandler,
  ListFunctionVersionsHandler,
  ListFunctionsHandler,
  TestFunctionHandler,
];
