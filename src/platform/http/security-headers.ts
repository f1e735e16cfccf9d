/**
 * What browsers are told with every answer: helmet's headers, and a content security policy that is enough for Swagger
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
