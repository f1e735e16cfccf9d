import { expect, it } from '@jest/globals';
import { compiledProgram } from './compiled-program.js';

it('finds a program beside what was compiled, also when sources run', () => {
  for (const module of ['file:///usr/src/app/src/rules/queue.ts', 'file:///usr/src/app/dist/rules/queue.js']) {
    expect(compiledProgram(module, 'thread.js').href).toBe('file:///usr/src/app/dist/rules/thread.js');
  }
});
