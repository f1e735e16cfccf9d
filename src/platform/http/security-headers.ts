/**
 * What browsers are told with every page: helmet's headers, and a content security policy that is enough for Swagger
 * UI, whose style sheet is inline and whose icons are data. Written out, because helmet works them out anew for every
 * request, at a tenth of what a decision costs; a test holds them to helmet's own.
 */
export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self';base-uri 'self';form-action 'self';frame-ancestors 'none';object-src 'none';" +
    "img-src 'self' data:;style-src 'self' 'unsafe-inline'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'SAMEORIGIN',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
} as const;

/**
 * What an answer that is no document needs of them (OWASP REST Security Cheat Sheet, "Security Headers"): it is never
 * taken for a page, framed or sniffed. The others speak of scripts, links and windows of a page, or guard what is
 * fetched with a browser's own credentials, of which the API takes none. Each header costs an answer a hundredth of a
 * decision.
 */
export const API_SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'strict-transport-security': SECURITY_HEADERS['strict-transport-security'],
  'x-content-type-options': SECURITY_HEADERS['x-content-type-options'],
} as const;
