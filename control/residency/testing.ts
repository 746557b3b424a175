import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readTransfers, type Transfers } from './law.ts';

/** The file that is shipped. */
export const transfersFile = fileURLToPath(new URL('../../packs/laws/transfers.yaml', import.meta.url));

/** What the law says of transfers, as it is shipped. Throws where that is not valid. */
export async function shippedTransfers(): Promise<Transfers> {
  const read = readTransfers('transfers.yaml', await readFile(transfersFile, 'utf8'));
  if ('transfers' in read) return read.transfers;
  throw new Error(JSON.stringify(read.problems));
}
