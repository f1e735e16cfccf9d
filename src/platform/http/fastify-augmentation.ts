import type { Actor } from './actor.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set by the access guard, also on public routes when the caller shows who they are. */
    actor?: Actor;
    /** Its `routeOptions`, which the server puts together anew whenever it is asked; set before anything else. */
    route?: this['routeOptions'];
    /** The JSON body as it came, on routes that are marked `@KeptBodyBytes()`. */
    bodyBytes?: Buffer;
  }

  interface FastifyContextConfig {
    /** Answers without the envelope. */
    isBare?: boolean;
    /** Answers for as long as the caller listens. */
    isEventStream?: boolean;
    /** Takes `text/csv` and `application/x-ndjson` as a stream, and nothing else. */
    takesStream?: boolean;
    /** Bytes that its JSON body may have, where it is not what all others may. */
    jsonBodyLimit?: number;
    /** Keeps the bytes of its JSON body. */
    keepsBodyBytes?: boolean;
  }
}
