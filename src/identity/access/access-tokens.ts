import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { exportJWK, jwtVerify, SignJWT, type JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import { AGE_RESOLUTION_MS } from '../../platform/cache/age-resolution.js';

/** How long an access token is good for. */
export const ACCESS_TOKEN_SECONDS = 900;

const ALGORITHM = 'EdDSA';
const ISSUER = 'proviso';
/** Verifying a signature costs 100 µs, so its result is kept so long; what the session may do is looked up each time. */
const VERIFIED_FOR_MS = 30_000;
const MAX_VERIFIED = 10_000;

/** What an access token says: a person, in a session, in an organization. */
export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly organizationId: string;
}

/** Makes and verifies access tokens: JWTs signed with Ed25519 (RFC 8037), the key named by `kid`. */
export class AccessTokens {
  private readonly verified = new LRUCache<string, AccessClaims>({
    max: MAX_VERIFIED,
    ttlResolution: AGE_RESOLUTION_MS,
  });
  private readonly privateKey: KeyObject;
  private readonly publicKey: KeyObject;
  private readonly keyId: string;

  /** @throws Error when `pem` is no Ed25519 key in PKCS#8 */
  constructor(pem: string) {
    this.privateKey = createPrivateKey(pem);
    if (this.privateKey.asymmetricKeyType !== 'ed25519') throw new Error('JWT_PRIVATE_KEY must be an Ed25519 key.');
    this.publicKey = createPublicKey(this.privateKey);
    this.keyId = keyIdOf(this.publicKey);
  }

  sign({ userId, sessionId, organizationId }: AccessClaims): Promise<string> {
    return new SignJWT({ sid: sessionId, org: organizationId })
      .setProtectedHeader({ alg: ALGORITHM, kid: this.keyId, typ: 'at+jwt' })
      .setIssuer(ISSUER)
      .setAudience(ISSUER)
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime(`${ACCESS_TOKEN_SECONDS}s`)
      .sign(this.privateKey);
  }

  /** The claims of a token of ours that has not expired, at once when they are known; else undefined. */
  verify(token: string): AccessClaims | Promise<AccessClaims | undefined> {
    return this.verified.get(token) ?? this.verifySignature(token);
  }

  private async verifySignature(token: string): Promise<AccessClaims | undefined> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.keyOf(kid), {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: ISSUER,
        typ: 'at+jwt',
        requiredClaims: ['sub', 'sid', 'org', 'exp'],
      });
      const claims = { userId: payload.sub!, sessionId: String(payload.sid), organizationId: String(payload.org) };
      const ttl = Math.min(VERIFIED_FOR_MS, payload.exp! * 1000 - Date.now() - AGE_RESOLUTION_MS);
      if (ttl > 0) this.verified.set(token, claims, { ttl });
      return claims;
    } catch {
      return undefined;
    }
  }

  /** The public key as others fetch it (RFC 7517). */
  async keySet(): Promise<{ keys: JWK[] }> {
    return { keys: [{ ...(await exportJWK(this.publicKey)), kid: this.keyId, alg: ALGORITHM, use: 'sig' }] };
  }

  private keyOf(keyId: string | undefined): KeyObject {
    if (keyId !== this.keyId) throw new Error('The token was signed with another key.');
    return this.publicKey;
  }
}

/** The first 16 hexadecimal digits of the SHA-256 of the public key's SPKI form. */
const keyIdOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
