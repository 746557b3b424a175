import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = /^worker-([1-9]\d{0,3})$/;

/** Where the worker in a slot keeps its journal and snapshot. Slot 0 is the gateway's own directory: all that one worker needs. */
export function slotDirectory(directory: string, slot: number): string {
  return slot === 0 ? directory : join(directory, `worker-${slot}`);
}

export function journalDirectory(directory: string, slot: number): string {
  return join(slotDirectory(directory, slot), 'journal');
}

/** The slots that were ever used, in order. */
export async function knownSlots(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw cause;
  });
  const slots = names.flatMap((name) => {
    const found = NAME.exec(name)?.[1];
    return found === undefined ? [] : [Number(found)];
  });
  return [0, ...slots]
    .filter((slot) => existsSync(join(journalDirectory(directory, slot), 'origin')))
    .sort((a, b) => a - b);
}
