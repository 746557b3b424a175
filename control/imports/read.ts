import { MOST_DOMAINS, MOST_ENTRIES, type ReadImport } from './entry.ts';
import { unreadable } from './error.ts';
import type { ImportKind } from './kinds.ts';
import { readCaiqJson, readCaiqSheets } from './sources/caiq.ts';
import { readGvl } from './sources/gvl.ts';
import { readProbo } from './sources/probo.ts';
import { readTrackerRadar } from './sources/tracker-radar.ts';
import { readTrackerDb } from './sources/trackerdb.ts';
import { readWorkbook } from './xlsx/sheet.ts';

/** Reads a file of that kind. Pure. Throws ImportError. */
export function readImport(kind: ImportKind, bytes: Uint8Array): ReadImport {
  const read =
    kind === 'caiq' && isZip(bytes) ? readCaiqSheets(readWorkbook(bytes)) : readers[kind](textOf(bytes));
  if (read.vendors.length > MOST_ENTRIES) throw unreadable(`names more than ${MOST_ENTRIES} vendors`);
  const domains = read.vendors.reduce((sum, one) => sum + one.domains.length, 0);
  if (domains > MOST_DOMAINS) throw unreadable(`names more than ${MOST_DOMAINS} domains`);
  const keys = new Set<string>();
  for (const { key, name } of read.vendors) {
    if (key === '' || name === '') throw unreadable('names a vendor by nothing that can be read');
    if (keys.has(key)) throw unreadable(`names "${key}" twice`);
    keys.add(key);
  }
  return read;
}

const readers: Readonly<Record<ImportKind, (text: string) => ReadImport>> = {
  tracker_radar: readTrackerRadar,
  trackerdb: readTrackerDb,
  gvl: readGvl,
  probo: readProbo,
  caiq: readCaiqJson,
};

const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw unreadable('is no text in UTF-8');
    throw error;
  }
}
