import { generateKeyPair, openSealed } from '@drawbridge/envelope';
import type { Platform } from '../platform/index.ts';
import type { Vault } from '../vault/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import type { FindKeys } from './keys-of.ts';
import type { Refs, VendorKeys, Wrapped } from './vendor-keys.ts';

/** A key as the made-up vendor keeps it. */
export interface MadeUpKey {
  id: string;
  name: string;
  secret: string;
  works: boolean;
  lastUsed: Date | null;
}

/** What is done at the vendor or in the database: where a process may die. */
export class Killed extends Error {}

/** A vendor in memory: its keys, and what it was asked. Calls can be made to fail, or to kill who made them. */
export class MadeUpVendor {
  keys: MadeUpKey[] = [];
  calls: string[] = [];
  /** Called around each write: `before` and `after`. */
  onWrite: (what: string) => void = () => undefined;
  #made = 0;
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  add(name: string, secret: string): MadeUpKey {
    this.#made += 1;
    const key = { id: `key_${this.#made}`, name, secret, works: true, lastUsed: null };
    this.keys.push(key);
    return key;
  }

  named(name: string): MadeUpKey[] {
    return this.keys.filter((key) => key.name === name);
  }

  #write<T>(what: string, work: () => T): T {
    this.onWrite(`before ${what}`);
    this.calls.push(what);
    const result = work();
    this.onWrite(`after ${what}`);
    return result;
  }

  vendorKeys(): VendorKeys {
    const byId = ({ key: id }: Refs) => this.keys.find((key) => key.id === id);
    const set = (refs: Refs, works: boolean) => {
      const key = byId(refs);
      if (key !== undefined) key.works = works;
      return true;
    };
    return {
      make: async (name, context) => {
        const key = this.#write('make', () => this.add(name, `made-up-secret-${this.#made + 1}-of-${name}`));
        return { wrapped: await this.#vault.seal(key.secret, context), refs: { key: key.id } };
      },
      find: async (name) => this.named(name).map(({ id }) => ({ key: id })),
      disable: async (refs) => this.#write('disable', () => set(refs, false)),
      enable: async (refs) => this.#write('enable', () => set(refs, true)),
      canRemove: (refs) => refs.key !== undefined,
      remove: async (refs) =>
        this.#write('remove', () => {
          this.keys = this.keys.filter(({ id }) => id !== refs.key);
        }),
      lastUsed: async (refs) => byId(refs)?.lastUsed ?? null,
    };
  }

  async probe(credential: Wrapped): Promise<number> {
    const secret = await opened(this.#vault, credential);
    return this.keys.some((key) => key.secret === secret && key.works) ? 200 : 401;
  }

  /** For `createRotation`: every connection's keys are this vendor's. */
  findKeys(catalogue: Catalogue, hasApi = () => true): FindKeys {
    return async (_db, connection) => {
      const service = catalogue.service(connection.vendor, connection.service);
      if (service === undefined) throw new Error('the made-up vendor has no such service');
      return {
        service,
        pack: undefined,
        vendor: hasApi() ? this.vendorKeys() : null,
        lagMs: 600_000,
        probe: (credential) => this.probe(credential),
      };
    };
  }
}

export async function opened(vault: Vault, { wrapped, context }: Wrapped): Promise<string> {
  const pair = await generateKeyPair();
  const to = Buffer.from('a test');
  return (
    await openSealed(pair.privateKey, await vault.reseal(wrapped, context, pair.publicKey, to), to)
  ).toString('utf8');
}

/** A platform whose transactions tell before they begin and after they are certain. */
export function watched(platform: Platform, onWrite: (what: string) => void): Platform {
  const db = new Proxy(platform.db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (name !== 'transaction') return typeof member === 'function' ? member.bind(target) : member;
      return () => {
        const builder = target.transaction();
        return {
          execute: async (work: Parameters<typeof builder.execute>[0]) => {
            onWrite('before transaction');
            const result = await builder.execute(work);
            onWrite('after transaction');
            return result;
          },
        };
      };
    },
  });
  return { ...platform, db };
}
