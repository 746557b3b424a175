import { write } from '../api/client.ts';
import type { EvidenceFile, EvidenceRun } from '../api/discovery-types.ts';
import { type Sending, sendFile } from '../api/send-file.ts';

export type FileState =
  | { at: 'waiting' }
  | Sending
  | { at: 'done'; file: EvidenceFile }
  | { at: 'failed'; error: Error };

export interface Chosen {
  /** Its path within what was chosen. */
  name: string;
  file: File;
}

/** What `readFiles` tells as it goes. */
export interface Listener {
  onRun(run: EvidenceRun): void;
  onFile(index: number, state: FileState): void;
}

/**
 * Hands in files one after the other as a run of one source, and ends it. One that does not arrive is told, and the others go
 * on; then the run is not whole. Throws where the run can't be begun or ended, or `signal` says stop.
 */
export async function readFiles(
  files: readonly Chosen[],
  { source, whole, reason }: { source: string; whole: boolean; reason: string },
  listener: Listener,
  signal: AbortSignal,
): Promise<EvidenceRun> {
  const run = await write<EvidenceRun>('POST', '/discovery/runs', {
    body: { source },
    reason,
    idempotencyKey: crypto.randomUUID(),
  });
  listener.onRun(run);
  let arrived = true;
  for (const [index, chosen] of files.entries()) {
    if (signal.aborted) {
      arrived = false;
      break;
    }
    try {
      const file = await send(run.id, chosen, reason, (state) => listener.onFile(index, state), signal);
      listener.onFile(index, { at: 'done', file });
    } catch (error) {
      arrived = false;
      listener.onFile(index, {
        at: 'failed',
        error: error instanceof Error ? error : new Error(String(error)),
      });
    }
  }
  return write<EvidenceRun>('POST', `/discovery/runs/${run.id}/end`, {
    body: { whole: whole && arrived },
    reason,
    idempotencyKey: crypto.randomUUID(),
  });
}

/** One file as it is. */
function send(
  run: string,
  { name, file }: Chosen,
  reason: string,
  onState: (state: FileState) => void,
  signal: AbortSignal,
): Promise<EvidenceFile> {
  const path = `/discovery/runs/${run}/file?${new URLSearchParams({ name })}`;
  return sendFile<EvidenceFile>(path, file, reason, onState, signal);
}

/** Files of a drop, folders opened: at most `most`, with their paths. */
export async function filesOfDrop(items: DataTransferItemList, most: number): Promise<Chosen[]> {
  // The list is empty after the first wait: what it holds is taken at once.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found: Chosen[] = [];
  const visit = async (entry: FileSystemEntry): Promise<void> => {
    if (found.length >= most) return;
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      );
      found.push({ name: entry.fullPath.replace(/^\//, ''), file });
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    while (true) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
        reader.readEntries(resolve, reject),
      );
      if (some.length === 0) return;
      for (const one of some) if (!/^(node_modules|\.git)$/.test(one.name)) await visit(one);
    }
  };
  for (const entry of entries) await visit(entry);
  return found;
}

/** Files of a field, with their paths where a folder was chosen. */
export const filesOfField = (list: FileList, most: number): Chosen[] =>
  [...list]
    .filter(({ webkitRelativePath }) => !/(^|\/)(node_modules|\.git)\//.test(webkitRelativePath))
    .slice(0, most)
    .map((file) => ({ name: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath, file }));
