/**
 * What a log line says about an error: kind, code, message, stack and causes. Other members are left out, because
 * drivers put the rows into them; for the same reason only the places of the stack are taken.
 */
export interface DescribedError {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: readonly string[];
  readonly cause?: DescribedError;
}

/** Describes anything that was thrown; causes down to the third. */
export function describeError(error: unknown, depth = 3): DescribedError {
  if (!(error instanceof Error)) return { name: typeof error, message: 'Something that is no Error was thrown.' };
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    ...(typeof code === 'string' && { code }),
    message: error.message,
    stack: placesOf(error),
    ...(error.cause !== undefined && depth > 0 && { cause: describeError(error.cause, depth - 1) }),
  };
}

const placesOf = (error: Error): string[] =>
  (error.stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '));
