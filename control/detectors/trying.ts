import { createHash } from 'node:crypto';
import type { KnownValue } from '@drawbridge/scan';
import type { Platform, Tx } from '../platform/index.ts';
import type { Registered } from './registered.ts';
import type { Sealing } from './sealing.ts';
import { type OwnDetectors, patternNames } from './snapshot.ts';

/** What the organisation itself knows, as a thread is given it to try a text: no word of it, and no key of secrets. */
export interface OwnScan {
  /** Tells one state of it from another. */
  name: string;
  custom: OwnDetectors['custom'];
  phrases: OwnDetectors['phrases'];
  /** What phrases are hashed under; null: there are none. */
  phraseKey: Uint8Array | null;
  /** How long registered secrets are: texts are asked about in runs of these lengths. */
  lengths: readonly number[];
}

/** For texts that are tried now. */
export interface Trying {
  own: OwnScan;
  /** What people call the own patterns, by their ids. */
  names: ReadonlyMap<string, string>;
  /**
   * Registered secrets are told by the vault alone, which no scan waits for: the first attempt says which runs to ask about,
   * and where one of them is registered there is a second. `asked` of more than 512 runs is not known.
   */
  attempt<Outcome extends { asked?: readonly string[] }>(
    one: (told: ReadonlyMap<string, KnownValue>) => Outcome | Promise<Outcome>,
  ): Promise<Outcome>;
}

export interface TryingDeps {
  platform: Platform;
  sealing: () => Promise<Sealing>;
  read: (tx: Tx) => Promise<OwnDetectors>;
  registered: Pick<Registered, 'hashOf'>;
}

const none: ReadonlyMap<string, KnownValue> = new Map();

export function triers({ platform, sealing, read, registered }: TryingDeps): () => Promise<Trying> {
  async function toldOf(known: OwnDetectors['known'], runs: readonly string[]) {
    const byHash = new Map(known.map(({ id, class: name, hash }) => [hash, { id, class: name }]));
    const told = new Map<string, KnownValue>();
    await Promise.all(
      runs.map(async (run) => {
        const value = byHash.get((await registered.hashOf(run)).toString('base64url'));
        if (value !== undefined) told.set(run, value);
      }),
    );
    return told;
  }

  return async () => {
    const { custom, phrases, known, names } = await platform.db
      .transaction()
      .execute(async (tx) => ({ ...(await read(tx)), names: await patternNames(tx) }));
    const lists = phrases.map(({ list, class: of, hash }) => [list, of, hash]);
    const lengths = [...new Set(known.map(({ length }) => length))].sort((a, b) => a - b);
    return {
      own: {
        name: createHash('sha256')
          .update(JSON.stringify([custom, lists, lengths]))
          .digest('base64url'),
        custom,
        phrases,
        phraseKey: phrases.length === 0 ? null : (await sealing()).phraseKey,
        lengths,
      },
      names,
      async attempt(one) {
        const first = await one(none);
        const told = await toldOf(known, first.asked ?? []);
        return told.size === 0 ? first : one(told);
      },
    };
  };
}
