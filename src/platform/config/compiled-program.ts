/**
 * The program for a thread or a process that lies beside a module. They run what was compiled: when sources run, as in
 * tests, it stands in `dist`.
 */
export const compiledProgram = (moduleUrl: string, fileName: string): URL =>
  new URL(fileName, moduleUrl.endsWith('.ts') ? moduleUrl.replace(/^(.*)\/src\//, '$1/dist/') : moduleUrl);
