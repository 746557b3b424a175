import type { TraceKind } from '@drawbridge/evidence';
import type { Platform } from '../platform/index.ts';
import type { DiscoveryTables } from './tables.ts';

/** What evidence of our own systems shows of a vendor: its library in a manifest, its key in a variable, its record in our zone. */
export interface VendorTrace {
  id: string;
  kind: TraceKind;
  value: string;
  /** 0 observed, 1 configured, 2 capable, 3 transitive. */
  grade: number;
  file: string;
  lastAt: Date | null;
}

const KINDS = ['package', 'variable', 'dns', 'sender', 'provider', 'service'] as const;
const MOST = 200;

/** What is for sure the vendor's and the latest evidence still showed; grants and hosts of traffic are told elsewhere. */
export async function tracesOf({ db }: Pick<Platform, 'db'>, vendor: string): Promise<VendorTrace[]> {
  const rows = await db
    .withTables<DiscoveryTables>()
    .selectFrom('sighting')
    .select(['id', 'kind', 'value', 'grade', 'file', 'last_at'])
    .where('kind', 'in', KINDS)
    .where('vendor', '=', vendor)
    .where('sure', '=', true)
    .where('gone_run', 'is', null)
    .orderBy('grade')
    .orderBy('kind')
    .orderBy('id')
    .limit(MOST)
    .execute();
  return rows.map(({ id, last_at: lastAt, ...row }) => ({ id: String(id), ...row, lastAt }));
}
