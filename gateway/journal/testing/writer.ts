import { createHash, randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { type Clock, openJournal } from '@drawbridge/journal';
import { openDirectory } from '../storage.ts';

/**
 * A process that appends as fast as it can until it is killed, and says on its standard output what was acknowledged:
 * one line `<index> <entry>` each. Arguments: directory, round, how many appends are under way at once, how many in all,
 * and `written` for a journal that does not wait for the disk.
 */
const [directory = '', round = '0', concurrency = '16', most = '1000000000', durability] =
  process.argv.slice(2);

const clock: Clock = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** The payload that belongs to an entry: whoever reads the journal can say what it must be. */
export function payloadOf(entry: string): string {
  return `payload ${createHash('sha256').update(entry).digest('hex')}`;
}

export const WRITER_ORIGIN = 'writer.example.test/1';

if (import.meta.main) {
  const journal = await openJournal({
    storage: await openDirectory(directory, durability === 'written' ? 'written' : 'synced'),
    origin: WRITER_ORIGIN,
    clock,
    random: randomBytes,
    limits: { segmentBytes: 64 * 1024 },
    // Not sealed: the test reads it again.
    sealDataKey: async (key) => ({ enc: 'test', ct: Buffer.from(key).toString('base64url') }),
    report: (event) => {
      if (event.kind === 'unavailable') throw event.error;
    },
  });
  let made = 0;
  const work = async () => {
    while (made < Number(most)) {
      const entry = `{"round":${round},"made":${made++},"filler":"${'x'.repeat(made % 300)}"}`;
      const { index } = await journal.append(Buffer.from(entry), Buffer.from(payloadOf(entry)));
      writeSync(1, `${index} ${entry}\n`);
    }
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, work));
  await journal.close();
}
