/** Every route but the probes, the metrics and the developer's pages begins so. */
export const API_PREFIX = 'api/v1';
