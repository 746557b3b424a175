import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { ReadImport } from './entry.ts';
import { ImportError } from './error.ts';
import type { ImportKind } from './kinds.ts';
import { readImport } from './read.ts';

export interface Work {
  kind: ImportKind;
  bytes: Uint8Array;
}
export type Said = { read: ReadImport } | { refused: { field: string; why: string } };

if (!isMainThread && parentPort !== null) {
  const { kind, bytes } = workerData as Work;
  let said: Said;
  try {
    said = { read: readImport(kind, bytes) };
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    said = { refused: { field: error.field, why: error.message } };
  }
  parentPort.postMessage(said);
  parentPort.close();
}
