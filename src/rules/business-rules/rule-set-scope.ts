/** The scope under which processes follow the rule set of an entry point. */
export const ruleSetScope = (entryPoint: string): string => `rules:${entryPoint}`;
