/** One version of a function that rules call by name, as its author wrote it. */
export interface FunctionDefinition {
  /** A JavaScript identifier; rules write it as `{"fn": ["name", …arguments]}`. */
  readonly name: string;
  readonly version: number;
  /** JavaScript identifiers, in order; a call may give fewer or more arguments. */
  readonly parameters: readonly string[];
  /** The body of the function, JavaScript. */
  readonly source: string;
}
