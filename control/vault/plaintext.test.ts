import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, expectTypeOf, test } from 'vitest';
import { startProcess } from './child.ts';
import type { Vault } from './client.ts';
import type { VaultAct, VaultCalls } from './messages.ts';

/**
 * Every member of every answer of the vault's process, and why it is no plaintext. A new one does not compile until it is
 * here: whoever adds it says which of these it is.
 */
type Harmless =
  // Wrapped under a key that only the vault has.
  | 'wrapped'
  | 'made'
  | 'added'
  // Sealed to a public key that the caller named: a gateway's, or a pair that this process holds for payloads.
  | 'sealed'
  // Made with a secret, and does not give it away.
  | 'hash'
  // How many characters of it were hashed: gateways compare texts of that length alone.
  | 'length'
  | 'signature'
  // Public.
  | 'publicKey'
  | 'mark'
  | 'key'
  | 'current'
  // The time step that a code was right for.
  | 'step';

test('no answer of the vault has a member that is not known to be no plaintext', () => {
  type Members = { [Act in VaultAct]: keyof VaultCalls[Act]['answer'] }[VaultAct];
  expectTypeOf<Exclude<Members, Harmless>>().toEqualTypeOf<never>();
  // What the process answers is what its client gives on: no call of it is named for opening anything.
  type Calls = {
    [Name in keyof Vault]: Vault[Name] extends (...given: never) => unknown ? Name : never;
  }[keyof Vault];
  expectTypeOf<Calls>().toEqualTypeOf<
    | 'seal'
    | 'generate'
    | 'generateKeyPair'
    | 'reseal'
    | 'passOn'
    | 'takeIn'
    | 'keyedHash'
    | 'keyedHashOfWrapped'
    | 'checkCode'
    | 'takeIn'
    | 'makeLogKey'
    | 'signLog'
    | 'logMark'
    | 'stop'
  >();
});

test.runIf(process.platform === 'linux')(
  'the process leaves no core file, has no environment, and runs under the permission model',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drawbridge-keys-'));
    const place = { keyFile: join(folder, 'a.kek'), marksFile: join(folder, 'a.log-marks.json') };
    process.env.DRAWBRIDGE_KEK = 'made-up';
    const child = startProcess({ ...place, sources: [] });
    try {
      await child.call('start', { source: { kind: 'file' }, ...place, deployment: 'a', known: [] });
      expect(await readFile(`/proc/${child.pid}/limits`, 'utf8')).toMatch(/^Max core file size\s+0\s+0\s/m);
      expect(await readFile(`/proc/${child.pid}/environ`, 'utf8')).not.toMatch(/DRAWBRIDGE|HOME=|PATH=/);
      const command = await readFile(`/proc/${child.pid}/cmdline`, 'utf8');
      expect(command).toContain('--permission');
      expect(command).not.toContain('--allow-child-process');
    } finally {
      delete process.env.DRAWBRIDGE_KEK;
      await child.stop();
      await rm(folder, { recursive: true });
    }
  },
);
