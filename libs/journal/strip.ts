import { frame, frameKinds } from './frames.ts';
import { badHeader, missing, type Segment } from './recover.ts';
import { readEntries, readHeader, segmentName } from './segment.ts';
import { readWhole, replaceFile, type Storage } from './storage.ts';

/**
 * Rewrites a closed segment without its payloads, under another name: new file, fsync, rename, directory fsync, then
 * the old one goes. After a crash in any step either both stand (the one without payloads counts) or one of them.
 * What stood behind the segment's last entry is left out too. Returns the segment as it is now. Throws JournalCorrupt.
 */
export async function stripPayloads(storage: Storage, segment: Segment, origin: string): Promise<Segment> {
  if (segment.stripped) return segment;
  const bytes = await readWhole(storage, segment.name);
  const opened = readHeader(bytes, segment, origin);
  if (typeof opened === 'string') throw badHeader(segment.name);

  const kept: Buffer[] = [opened.frame];
  const entries = readEntries(bytes, opened.end, opened.header.first);
  let next = opened.header.first;
  let step = entries.next();
  while (next < segment.end && !step.done) {
    const { start, end, entry, payload } = step.value;
    kept.push(payload ? frame(frameKinds.entryPayloadDeleted, entry) : bytes.subarray(start, end));
    next++;
    step = entries.next();
  }
  if (next < segment.end && step.done) throw missing(segment, step.value);

  const name = segmentName(segment.number, segment.first, true);
  await replaceFile(storage, name, Buffer.concat(kept));
  await storage.remove(segment.name);
  await storage.syncDir();
  return { ...segment, name, stripped: true };
}
