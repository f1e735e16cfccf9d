/**
 * The roles that a connection acts under (`set role` at connect); none of them can log in. Their prefix keeps them
 * apart from other applications' roles, because roles belong to the whole cluster.
 */
export const databaseRoles = {
  /** Owns the tables and runs migrations. */
  owner: 'proviso_owner',
  /** Serves requests and jobs of one organization at a time, under row-level security. */
  app: 'proviso_app',
  /** Appends decisions of several organizations in one batch; may only insert. */
  recorder: 'proviso_recorder',
  /** Reads published events of all organizations. */
  relay: 'proviso_relay',
  /** Reads all events and writes tiles and seals. */
  sealer: 'proviso_sealer',
  /** Finds what is due or has expired, over all organizations. */
  sweeper: 'proviso_sweeper',
  /** Reads `cache_heads` to follow changes. */
  follower: 'proviso_follower',
  /** Owns the schema `bullmq` and nothing else. */
  queue: 'proviso_queue',
  /** Owns the functions that find a person before the organization is known. */
  authenticator: 'proviso_authenticator',
  /** Owns the search functions, whose operators row-level security would keep from their indexes. */
  search: 'proviso_search',
} as const;

export type DatabaseRole = keyof typeof databaseRoles;
