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
  return withoutTwins(read);
}

/** One vendor per name: what can't be told apart is left out, and counted. */
function withoutTwins(read: ReadImport): ReadImport {
  const keys = new Set<string>();
  const vendors = read.vendors.filter(({ key, name }) => {
    if (key === '' || name === '' || keys.has(key)) return false;
    keys.add(key);
    return true;
  });
  const count = read.vendors.length - vendors.length;
  if (count === 0) return read;
  return { ...read, vendors, left: [...read.left, { what: 'vendors that no name tells apart', count }] };
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
