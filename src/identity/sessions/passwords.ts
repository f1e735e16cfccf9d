import { hash, verify } from '@node-rs/argon2';

/** OWASP's first recommendation for argon2id: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

let unusedHash: Promise<string> | undefined;

/** Characters that a password must have at least. */
export const LEAST_PASSWORD_LENGTH = 10;

/** argon2id in PHC form. Texts that look alike are the same password (NFC). */
export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFC'), cost);

/** Takes as long without a hash as with one, so the time does not tell whether somebody has an account. */
export async function isPassword(password: string, passwordHash: string | null | undefined): Promise<boolean> {
  unusedHash ??= hashPassword('nobody has this password');
  const isRight = await verify(passwordHash ?? (await unusedHash), password.normalize('NFC'));
  return isRight && passwordHash != null;
}
