import { reportOf } from '@drawbridge/control/packs';
import type { Mapping } from '@drawbridge/evidence';
import { type Discovered, discover } from '../discover/run.ts';
import { discoverText } from '../discover/text.ts';
import { ScanError } from '../scan/errors.ts';
import { shippedVendorFacts } from '../shipped-packs.ts';

export interface DiscoverFlags {
  json?: boolean;
  transitive?: boolean;
  format?: string;
  own: string[];
  map: string[];
}

const mapped = ['host', 'url', 'at', 'bytesOut', 'bytesIn', 'address', 'payee', 'amount'] as const;

/**
 * `drawbridge discover`: says which vendors show in files that one has, without a server or a network. Exit code 0; 2 when some
 * evidence could not be read. Throws ScanError.
 */
export async function discoverCommand(paths: readonly string[], flags: DiscoverFlags): Promise<void> {
  const found: Discovered = { sightings: [], skipped: [], files: 0, bytes: 0 };
  const mapping = mappingOf(flags.map);
  const options = {
    ...(flags.format === undefined ? {} : { format: flags.format }),
    ...(mapping === null ? {} : { mapping }),
    own: flags.own,
  };
  const stop = showProgress(found);
  try {
    await discover(paths, await shippedVendorFacts(), options, found);
  } finally {
    stop();
  }
  const skipped = found.skipped.map(({ trouble: _, ...skip }) => skip);
  const troubles = found.skipped.filter(({ trouble }) => trouble);
  const report = reportOf(found.sightings, skipped, { transitive: flags.transitive });
  process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : `${discoverText(report, troubles)}\n`);
  const { files, bytes } = found;
  process.stderr.write(
    `Read ${counted(files, 'file')} of evidence, ${megabytes(bytes)}: ${counted(report.vendors.length, 'vendor')}, ${counted(report.unknownHosts.length, 'unknown domain')}.\n`,
  );
  process.exitCode = troubles.length > 0 ? 2 : 0;
}

const counted = (number: number, name: string): string => `${number} ${name}${number === 1 ? '' : 's'}`;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function mappingOf(given: readonly string[]): Mapping | null {
  if (given.length === 0) return null;
  const pairs = given.map((pair) => {
    const at = pair.indexOf('=');
    const name = mapped.find((one) => one === pair.slice(0, at));
    if (at < 1 || name === undefined)
      throw new ScanError('bad_option', `--map ${pair}: write <${mapped.join('|')}>=<column>`);
    return [name, pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs) as Mapping;
}

/** Once a second, where somebody looks on. */
function showProgress(found: Discovered): () => void {
  if (!process.stderr.isTTY) return () => undefined;
  const timer = setInterval(() => {
    process.stderr.write(`\r${found.files} files, ${megabytes(found.bytes)}`);
  }, 1000);
  return () => {
    clearInterval(timer);
    process.stderr.write('\r\u001b[K');
  };
}
