import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { PostgresError } from './errors.ts';
import { unlessMissing } from './files.ts';

/**
 * The user whose rights PostgreSQL runs with. PostgreSQL refuses to run as root, so root hands it a number that no
 * account has: lies outside what useradd (1000–60000) and systemd (60001–60577, 61184–65519) give out, and below 65536,
 * since a container may map no more.
 */
export const dedicatedUid = 60_610;

/** `undefined` rights mean our own: we are not root. */
export interface Rights {
  readonly uid: number;
  readonly gid: number;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Root runs an existing database as the user that owns it, a new one as `uid`; everybody else as themselves. */
export async function rightsFor(dataDir: string, uid: number): Promise<Rights | undefined> {
  const owner = await ownerOf(dataDir);
  if (isRoot()) return owner === undefined || owner.uid === 0 ? { uid, gid: uid } : owner;
  if (owner === undefined || owner.uid === process.getuid?.()) return undefined;
  throw new PostgresError(
    'not_owner',
    `The database in ${dataDir} belongs to user ${owner.uid}, and this is user ${process.getuid?.()}. ` +
      'Start as that user (or as root, if root made it), or choose another data directory.',
  );
}

async function ownerOf(path: string): Promise<Rights | undefined> {
  return unlessMissing(path, async () => {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  });
}

/** Asks the kernel itself, by trying, so that access lists and mounts count too: may these rights enter or run `path`? */
export async function canReach(path: string, rights: Rights | undefined): Promise<boolean> {
  const child = spawn('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], {
    cwd: '/',
    stdio: 'ignore',
    env: {},
    ...rights,
  });
  const [code] = await once(child, 'close');
  return code === 0;
}

/**
 * initdb looks its own user up in /etc/passwd and gives up without an entry; the server does not. So root lets an
 * account without rights (nobody) make the files and hands them over afterwards.
 * @throws PostgresError no_passwd_entry
 */
export async function rightsForInitdb(rights: Rights | undefined): Promise<Rights | undefined> {
  const accounts = parsePasswd(await readFile('/etc/passwd', 'utf8'));
  const uid = rights?.uid ?? process.getuid?.();
  if (accounts.some((account) => account.uid === uid)) return rights;
  const nobody = accounts.find((account) => account.name === 'nobody' && account.uid !== 0);
  if (rights !== undefined && nobody !== undefined) return { uid: nobody.uid, gid: nobody.gid };
  if (rights === undefined && (await isKnownElsewhere())) return undefined;
  throw new PostgresError(
    'no_passwd_entry',
    `PostgreSQL's initdb needs an entry for user ${rights === undefined ? uid : 'nobody'} in /etc/passwd, and there is none. ` +
      'Add one (in a container: a line in its image), or set DATABASE_URL.',
  );
}

interface Account extends Rights {
  readonly name: string;
}

function parsePasswd(text: string): Account[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/** A directory service (LDAP, sssd) may know a user that /etc/passwd does not. */
async function isKnownElsewhere(): Promise<boolean> {
  const child = spawn('/bin/sh', ['-c', 'id -un'], { cwd: '/', stdio: 'ignore' });
  const [code] = await once(child, 'close');
  return code === 0;
}
