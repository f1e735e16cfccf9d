/** How many causes deep an error is looked into. */
const DEPTH = 5;

const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT', 'ENOENT']);

/**
 * SQLSTATEs after which the same call may go through: connection lost (08), server shutting down or starting (57P0x),
 * timeouts that ended the session or statement (25P03, 25P04, 57014), too many connections (53300), deadlock and
 * serialization failures that survived their retries, and locks that were not to be had. PostgreSQL, appendix A.
 */
const TRANSIENT = /^(08...|57P0[1-5]|25P0[34]|57014|53300|40001|40P01|55P03)$/;

/** The pool and the driver have no codes for these. */
const driverMessages =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Connection ended unexpectedly/i;

/** Whether an error says that the database cannot be used at the moment, and that trying again makes sense. */
export function isDatabaseAway(error: unknown): boolean {
  return chainOf(error).some(({ code, message, syscall }) => {
    if (code !== undefined && TRANSIENT.test(code)) return true;
    if (code !== undefined && networkCodes.has(code)) return code !== 'ENOENT' || syscall === 'connect';
    return driverMessages.test(message);
  });
}

/** The five-character SQLSTATE of a database's error, also when it is wrapped. */
export const sqlStateOf = (error: unknown): string | undefined =>
  chainOf(error).find(({ code }) => code !== undefined && /^[\dA-Z]{5}$/.test(code) && /\d/.test(code))?.code;

interface Fault {
  readonly code?: string | undefined;
  readonly syscall?: string | undefined;
  readonly message: string;
}

function chainOf(error: unknown): Fault[] {
  const chain: Fault[] = [];
  for (let next = error; next instanceof Error && chain.length < DEPTH; next = next.cause) {
    const { code, syscall } = next as { code?: unknown; syscall?: unknown };
    chain.push({
      code: typeof code === 'string' ? code : undefined,
      syscall: typeof syscall === 'string' ? syscall : undefined,
      message: next.message,
    });
  }
  return chain;
}
