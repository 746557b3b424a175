/**
 * Whether a compound file (Outlook's .msg; MS-CFB) is sound: every chain ends, no stream is larger than the file, the tree of its entries
 * is one. The library that reads it follows chains and believes sizes; this keeps its work bounded by the size of the file.
 */

const MAGIC = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const END = -2;
const NONE = -1;
const ENTRY = 128;
const SMALL_STREAM = 4096;
const MOST_ENTRIES = 20_000;

/** What is wrong with the file, to follow "The file"; null: nothing. */
export function wrongCompound(file: Buffer): string | null {
  if (file.length < 512 || !file.subarray(0, 8).equals(MAGIC)) return 'is no file of Outlook';
  const shift = file[30];
  if (shift !== 9 && shift !== 12) return 'has sectors of an unknown size';
  const size = 1 << shift;
  const sectors = Math.floor(file.length / size);
  const at = (sector: number): number => (sector + 1) * size;
  const isSector = (sector: number): boolean => sector >= 0 && at(sector) + size <= file.length;
  const table = tableOf(file, size, sectors, isSector);
  if (table === null) return 'has a broken table of sectors';
  const perSector = size / 4;
  const nextIn =
    (places: readonly number[]) =>
    (sector: number): number => {
      const place = places[Math.floor(sector / perSector)];
      return place === undefined ? END : file.readInt32LE(at(place) + (sector % perSector) * 4);
    };
  const chainBy =
    (next: (sector: number) => number, most: number, check: (sector: number) => boolean) =>
    (start: number): number[] | null => {
      const chain: number[] = [];
      for (let sector = start; sector !== END; sector = next(sector)) {
        if (chain.length >= most || !check(sector)) return null;
        chain.push(sector);
      }
      return chain;
    };
  const chain = chainBy(nextIn(table), sectors, isSector);
  const directory = chain(file.readInt32LE(48));
  if (directory === null || directory.length === 0) return 'has a broken directory';
  const smallCount = file.readInt32LE(64);
  const smallStart = file.readInt32LE(60);
  const smallTable = smallCount <= 0 || smallStart === 0 ? [] : chain(smallStart);
  if (smallTable === null) return 'has a broken table of small sectors';
  const smallMost = smallTable.length * perSector;
  const smallChain = chainBy(nextIn(smallTable), smallMost, (sector) => sector >= 0 && sector < smallMost);
  const entries = directory.flatMap((sector) =>
    Array.from({ length: size / ENTRY }, (_, n) =>
      file.subarray(at(sector) + n * ENTRY, at(sector) + (n + 1) * ENTRY),
    ),
  );
  if (entries.length > MOST_ENTRIES) return `has more than ${MOST_ENTRIES} entries`;
  let whole = 0;
  // Many entries may name one long chain: walked again for each, a file of 25 MB would cost a billion steps.
  let walked = 0;
  for (const [n, entry] of entries.entries()) {
    const type = entry[66];
    if (type !== 2 && type !== 5) continue;
    const [start, length] = [entry.readInt32LE(116), entry.readInt32LE(120)];
    if (length < 0 || length > file.length) return 'promises more than it holds';
    whole += length;
    if (whole > 3 * file.length || walked > 3 * (sectors + smallMost)) return 'promises more than it holds';
    if (n === 0) {
      // Followed whatever its length is.
      if (start >= 0 && chain(start) === null) return 'has a stream that does not end';
      continue;
    }
    if (length === 0) continue;
    const isSmall = length < SMALL_STREAM;
    const found = isSmall ? smallChain(start) : chain(start);
    if (found === null) return 'has a stream that does not end';
    walked += found.length;
    if (found.length * (isSmall ? 64 : size) < length) return 'promises more than it holds';
  }
  return isTree(entries) ? null : 'has entries that stand in each other';
}

/** The places of the sectors that say how sectors follow each other. */
function tableOf(
  file: Buffer,
  size: number,
  sectors: number,
  isSector: (sector: number) => boolean,
): number[] | null {
  const count = file.readInt32LE(44);
  if (count < 1 || count > sectors) return null;
  const places: number[] = [];
  for (let n = 0; n < Math.min(count, 109); n++) places.push(file.readInt32LE(76 + n * 4));
  let next = file.readInt32LE(68);
  const more = file.readInt32LE(72);
  if (more < 0 || more > sectors) return null;
  for (let n = 0; n < more && places.length < count; n++) {
    if (!isSector(next)) return null;
    const from = (next + 1) * size;
    for (let m = 0; m < size / 4 - 1 && places.length < count; m++)
      places.push(file.readInt32LE(from + m * 4));
    next = file.readInt32LE(from + size - 4);
  }
  return places.length === count && places.every(isSector) ? places : null;
}

/** Each entry is reached once at most, and none leads nowhere. */
function isTree(entries: readonly Buffer[]): boolean {
  const seen = new Set<number>([0]);
  const open = [0];
  for (let n = open.pop(); n !== undefined; n = open.pop()) {
    const entry = entries[n];
    if (entry === undefined) return false;
    const isStore = entry[66] === 1 || entry[66] === 5;
    const links = [...(n === 0 ? [] : [68, 72]), ...(isStore ? [76] : [])].map((place) =>
      entry.readInt32LE(place),
    );
    for (const link of links) {
      if (link === NONE) continue;
      if (link < 0 || link >= entries.length || seen.has(link)) return false;
      seen.add(link);
      open.push(link);
    }
  }
  return true;
}
