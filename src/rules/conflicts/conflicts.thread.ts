import { parentPort, workerData } from 'node:worker_threads';
import { findConflicts } from '../engine/conflicts.js';
import { compilePortable } from '../engine/portable-rule-set.js';
import { compileContextSchema } from '../entry-points/context-schema.js';
import { compileFunctions } from '../functions/sandbox/compile-functions.js';
import type { ConflictAssignment } from './conflict-assignment.js';

// Looks for the conflicts of one rule set, tells them and ends. Conditions fail by the million here, and nobody reads
// where: without the stacks it takes half the time.
Error.stackTraceLimit = 0;
const { ruleSet, schema, from } = workerData as ConflictAssignment;
const check = compileContextSchema(schema);
const { rules } = compilePortable(ruleSet, compileFunctions);
parentPort?.postMessage(findConflicts(rules, { schema, isValid: (context) => check(context).length === 0, from }));
