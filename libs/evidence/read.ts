import { encodingOf, inUtf8 } from './encoding.ts';
import { EvidenceError } from './error.ts';
import type { ReadOptions } from './format.ts';
import { formats } from './formats.ts';
import { gunzip, isGzip } from './gunzip.ts';
import { asBuffer } from './lines.ts';
import { formatOf, HEAD_BYTES } from './sniff.ts';
import { type Trace, Traces, type Unread } from './trace.ts';
import type { UsageReport } from './usage/report.ts';

export interface ReadEvidenceOptions extends ReadOptions {
  /** Id of a format; without it, it is told by name and first bytes. */
  format?: string;
  /** Most bytes of the file, unpacked; 16 GiB unless said. */
  maxBytes?: number;
  /** Most distinct names that are kept; 200,000 unless said. */
  maxTraces?: number;
}

/** What one file says. */
export interface EvidenceFile {
  /** Id of the format. */
  format: string;
  traces: Trace[];
  /** The first places that were left out, and how many there are. */
  unread: Unread[];
  unreadCount: number;
  /** How often a name was left out because there were too many. */
  overflow: number;
  /** Where it is a vendor's report of use: what it counts. */
  usage: UsageReport | null;
  /** Lines, or records in a document without lines of its own. */
  lines: number;
  /** As it came, and unpacked. */
  bytes: number;
  unpackedBytes: number;
}

const MOST_BYTES = 16 * 1024 ** 3;
const NEWLINE = 10;

/**
 * Reads a file of evidence as its bytes come, also packed with gzip and in UTF-16 or Latin-1. Memory grows with the names in it,
 * not with its length. Throws `EvidenceError` where the file as a whole can't be read; then nothing of it counts.
 * @param name its path, `/` between folders: formats are told by it
 */
export async function readEvidence(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  options: ReadEvidenceOptions = {},
): Promise<EvidenceFile> {
  let bytes = 0;
  let unpackedBytes = 0;
  const most = options.maxBytes ?? MOST_BYTES;
  const counted = async function* () {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield asBuffer(chunk);
    }
  };
  const bounded = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      unpackedBytes += chunk.length;
      if (unpackedBytes > most) {
        throw new EvidenceError(
          'too_large',
          `it has more than ${most} bytes unpacked: split it, or raise the limit`,
        );
      }
      yield chunk;
    }
  };
  const raw = await peek(counted(), 2);
  const isPacked = isGzip(raw.head);
  const text = await peek(bounded(isPacked ? gunzip(raw.all) : raw.all), HEAD_BYTES);
  try {
    const encoding = encodingOf(text.head);
    const sample = new TextDecoder(encoding.encoding, { ignoreBOM: true }).decode(
      text.head.subarray(encoding.mark),
    );
    const format = formatOf(formats, plainName(name), text.head, sample, options.format);
    const traces = new Traces(options.maxTraces);
    const reader = format.reader(traces, options);
    const isCounting = reader.lines === undefined;
    let newlines = 0;
    let last = NEWLINE;
    for await (const chunk of inUtf8(text.all, encoding)) {
      reader.write(chunk);
      if (!isCounting) continue;
      newlines += countNewlines(chunk);
      last = chunk.at(-1) ?? last;
    }
    reader.end();
    return {
      format: format.id,
      traces: traces.list(),
      unread: traces.unread,
      unreadCount: traces.unreadCount,
      overflow: traces.overflow,
      usage: traces.usage,
      lines: reader.lines ?? newlines + (last === NEWLINE ? 0 : 1),
      bytes,
      unpackedBytes,
    };
  } finally {
    // Ends what feeds it, also where reading stopped early.
    await text.all.return(undefined);
    await raw.all.return(undefined);
  }
}

const plainName = (name: string): string => name.replaceAll('\\', '/').replace(/\.(?:gz|gzip)$/i, '');

/** The first bytes, and all of them. */
async function peek(
  source: AsyncIterable<Buffer>,
  size: number,
): Promise<{ head: Buffer; all: AsyncGenerator<Buffer, void, undefined> }> {
  const iterator = source[Symbol.asyncIterator]();
  const begun: Buffer[] = [];
  let length = 0;
  while (length < size) {
    const next = await iterator.next();
    if (next.done === true) break;
    begun.push(next.value);
    length += next.value.length;
  }
  const head = Buffer.concat(begun);
  const all = async function* () {
    try {
      if (head.length > 0) yield head;
      while (true) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  };
  return { head: head.subarray(0, size), all: all() };
}

function countNewlines(chunk: Buffer): number {
  let found = 0;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) found += 1;
  return found;
}
