import { JournalLocked } from '@drawbridge/journal';
import { openDirectory } from '../storage.ts';

/** A process that takes a directory's lock, says whether it could, and stays until it is killed. Argument: directory. */
const storage = await openDirectory(process.argv[2] ?? '');
try {
  await storage.lock();
  process.send?.('held');
} catch (cause) {
  if (!(cause instanceof JournalLocked)) throw cause;
  process.send?.('locked');
}
setInterval(() => undefined, 60_000);
