import { open } from 'node:fs/promises';

/** What is asked to append, time after time. */
export interface Contestant {
  append(): Promise<unknown>;
  close(): Promise<void>;
}

/** A new file that gets the same bytes with each append: what waits is written at once, then fdatasync. */
export async function plainFile(path: string, bytes: Buffer): Promise<Contestant> {
  const file = await open(path, 'wx');
  let waiting: (() => void)[] = [];
  let isRunning = false;
  const run = async () => {
    isRunning = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await file.write(Buffer.concat(batch.map(() => bytes)));
      await file.datasync();
      for (const done of batch) done();
    }
    isRunning = false;
  };
  return {
    append: () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (!isRunning) run();
      }),
    close: () => file.close(),
  };
}
