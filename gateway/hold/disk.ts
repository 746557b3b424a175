import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openSealed, sealTo } from '@drawbridge/envelope';
import { dataKeyContext, openJournal } from '@drawbridge/journal';
import { type Durability, openDirectory } from '../journal/index.ts';
import type { GatewayKeys } from '../keys.ts';
import type { GatewayLog } from '../log.ts';
import { Holds, type HoldsOptions } from './holds.ts';

export interface HoldDisk {
  /** One directory below it for each connection. */
  directory: string;
  keys: Pick<GatewayKeys, 'id' | 'publicKey' | 'privateKey'>;
  durability?: Durability | undefined;
  random: (length: number) => Uint8Array;
  log: GatewayLog;
}

const NAME = /^[0-9a-f]{2,120}$/;

/** A worker's kept requests on this machine's disk, sealed to the gateway's own key. */
export function holdsOnDisk({ directory, keys, durability, random, log }: HoldDisk): Holds {
  return new Holds({
    list: async () => {
      const names = await readdir(directory).catch((cause: unknown) => {
        if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
        throw cause;
      });
      return names.filter((name) => NAME.test(name)).map((name) => Buffer.from(name, 'hex').toString('utf8'));
    },
    open: async (connection) =>
      openJournal({
        storage: await openDirectory(join(directory, Buffer.from(connection).toString('hex')), durability),
        origin: `drawbridge.hold/${encodeURIComponent(keys.id)}/${encodeURIComponent(connection)}`,
        clock: {
          now: () => Date.now(),
          after(ms, run) {
            const timer = setTimeout(run, ms);
            return () => clearTimeout(timer);
          },
        },
        random,
        sealDataKey: (dataKey, context) => sealTo(keys.publicKey, dataKey, context),
        report: (event) => log.info({ event: 'hold_journal', kind: event.kind, connection }, 'kept requests'),
      }),
    openKey: openKeyWith(keys.privateKey),
  });
}

/** `privateKey`: the gateway's X25519 private key, 32 raw bytes. */
export function openKeyWith(privateKey: Uint8Array): HoldsOptions['openKey'] {
  return ({ origin, segment, sealed }) => openSealed(privateKey, sealed, dataKeyContext(origin, segment));
}
