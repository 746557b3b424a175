import { randomBytes } from 'node:crypto';
import {
  type GatewayJournal,
  type GatewayJournalOptions,
  type JournalState,
  openGatewayJournal,
} from '../journal/index.ts';
import { traceOf } from '../log.ts';
import { logOriginOf } from '../log-origin.ts';
import { journalDirectory, knownSlots } from './slots.ts';

type Shared = Pick<GatewayJournalOptions, 'post' | 'log' | 'durability' | 'keep' | 'diskKey'>;

/** Logs of slots that nobody writes in: what they hold is still signed and shipped, and tidied up afterwards. */
export interface IdleLogs {
  /** Opens the logs of all slots that are not in use. */
  adopt(inUse: ReadonlySet<number>): Promise<void>;
  /** Gives a slot's directory back, for a worker to take. */
  release(slot: number): Promise<void>;
  status(): JournalState[];
  close(): Promise<void>;
}

export function createIdleLogs(directory: string, gateway: string, shared: Shared): IdleLogs {
  const open = new Map<number, GatewayJournal>();
  let turn: Promise<void> = Promise.resolve();

  /** One change at a time: a slot must not be opened while it is given back. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }

  async function adoptOne(slot: number): Promise<void> {
    const path = journalDirectory(directory, slot);
    try {
      const origin = await logOriginOf(path, gateway, randomBytes);
      // Nothing is written here, so no key is asked for.
      const journal = await openGatewayJournal({
        ...shared,
        directory: path,
        origin,
        payloadKey: () => null,
      });
      open.set(slot, journal);
      shared.log.info(
        { event: 'log_adopted', slot, ...journal.status() },
        'a log that nobody writes is shipped on',
      );
    } catch (cause) {
      shared.log.error(
        { event: 'log_not_adopted', slot, ...traceOf(cause) },
        'a log that nobody writes can not be opened; it stays on the disk as it is',
      );
    }
  }

  return {
    adopt: (inUse) =>
      inTurn(async () => {
        for (const slot of await knownSlots(directory)) {
          if (!inUse.has(slot) && !open.has(slot)) await adoptOne(slot);
        }
      }),
    release: (slot) =>
      inTurn(async () => {
        const journal = open.get(slot);
        open.delete(slot);
        await journal?.close();
      }),
    status: () => [...open.values()].map((journal) => journal.status()),
    close: () =>
      inTurn(async () => {
        const journals = [...open.values()];
        open.clear();
        await Promise.all(journals.map((journal) => journal.close()));
      }),
  };
}
