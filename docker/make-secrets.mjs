// Makes the secrets that compose.yaml mounts, each in a file of its own under docker/secrets; what is there stays.
//   node docker/make-secrets.mjs
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'secrets');
mkdirSync(folder, { recursive: true, mode: 0o700 });

const password = () => randomBytes(24).toString('base64url');
const privateKey = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });

const keep = (name, make) => {
  const file = join(folder, name);
  try {
    // The folder keeps others of this machine out; the account inside of a container must be able to read the file.
    writeFileSync(file, make(), { flag: 'wx', mode: 0o644 });
    console.log(`Made ${file}`);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8');
};

const ownerPassword = keep('database-owner-password', password);
keep('migration-database-url', () => `postgres://proviso_admin:${ownerPassword}@postgres:5432/proviso`);
keep('database-password', password);
keep('jwt-private-key.pem', privateKey);
keep('audit-signing-key.pem', privateKey);
keep('encryption-key', () => randomBytes(32).toString('base64'));
