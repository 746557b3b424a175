import type { Platform } from '../platform/index.ts';
import { type ImportKind, labelOf } from './kinds.ts';
import type { ImportTables } from './tables.ts';

/** Whom a source that was taken in names as the owner of a host. */
export interface Said {
  name: string;
  /** Whose word it is, of when, and under which terms: shown wherever it is. */
  by: string;
}

/** What was taken in, ready to be looked up by hosts. */
export interface Imported {
  /** Changes with every import and removal. */
  revision: string;
  /** `host`: lower case, without a dot at its end. The longest domain that it lies below. */
  ofHost(host: string): Said | undefined;
}

/** Where several name a host, the first of these is heard. The others name no domains. */
const order: readonly ImportKind[] = ['trackerdb', 'tracker_radar', 'probo'];
/** Rows that are read at once. */
const AT_ONCE = 5_000;

/** Reads what was taken in when it is asked for, and again when that has changed, in whichever process. */
export function createLookup({ db }: Pick<Platform, 'db'>): () => Promise<Imported> {
  const rows = db.withTables<ImportTables>();
  let held: Promise<Imported> | null = null;
  let revision = '';

  async function read(of: string, sources: readonly Source[]): Promise<Imported> {
    const byDomain = new Map<string, Said>();
    for (const { source, kind, version, imported_at } of sources) {
      const by = labelOf(kind, version, imported_at);
      for (let after = ''; ; ) {
        const some = await rows
          .selectFrom('imported_vendor')
          .select(['key', 'name', 'domains'])
          .where('source', '=', source)
          .where('key', '>', after)
          .orderBy('key')
          .limit(AT_ONCE)
          .execute();
        for (const { name, domains } of some) {
          const said = { name, by };
          for (const domain of domains) if (!byDomain.has(domain)) byDomain.set(domain, said);
        }
        const last = some.at(-1);
        if (last === undefined) break;
        after = last.key;
      }
    }
    return {
      revision: of,
      ofHost(host) {
        for (let rest = host; rest.includes('.'); rest = rest.slice(rest.indexOf('.') + 1)) {
          const found = byDomain.get(rest);
          if (found !== undefined) return found;
        }
        return undefined;
      },
    };
  }

  return async () => {
    const sources = await rows
      .selectFrom('vendor_import')
      .select(['source', 'kind', 'version', 'imported_at', 'sha256'])
      .where('kind', 'in', [...order])
      .execute();
    sources.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
    const is = sources
      .map(
        (one) =>
          `${one.source} ${one.version} ${one.sha256.toString('hex')} ${one.imported_at.toISOString()}`,
      )
      .join('\n');
    if (held === null || is !== revision) {
      revision = is;
      held = read(is, sources).catch((error: unknown) => {
        held = null;
        throw error;
      });
    }
    return held;
  };
}

type Source = Pick<ImportTables['vendor_import'], 'source' | 'kind' | 'version' | 'imported_at'>;
