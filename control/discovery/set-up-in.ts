import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** Formats of evidence that say how something runs, and name vendors by variables, hosts, packages and services. */
const RUNS = {
  'github-actions': 'pipeline',
  'gitlab-ci': 'pipeline',
  compose: 'deployment',
  kubernetes: 'deployment',
  'helm-values': 'deployment',
  n8n: 'workflow',
  'mcp-servers': 'agent',
} as const;
type Runs = (typeof RUNS)[keyof typeof RUNS];
const kinds: Readonly<Record<string, Runs>> = RUNS;

/** What a file of evidence sets up with something of a vendor's. */
export interface SetUpIn {
  vendor: string;
  kind: Runs;
  file: string;
  /** The evidence that the file came with. */
  source: string;
  run: string;
  /** Names of the vendor's in it: variables, hosts, packages, services; at most ten. */
  names: string[];
  /** When the file was handed in last. */
  at: Date;
}

const MOST = 200;

/** What is for sure the vendors', in files that the latest evidence still showed. */
export async function setUpIn({ db }: Pick<Platform, 'db'>, vendors: readonly string[]): Promise<SetUpIn[]> {
  if (vendors.length === 0) return [];
  const { rows } = await sql<Omit<SetUpIn, 'kind'> & { format: string }>`
    SELECT s.vendor, s.file, f.format, e.name AS source, s.last_run AS run, max(f.at) AS at,
      (array_agg(DISTINCT s.value ORDER BY s.value))[1:10] AS names
    FROM sighting s
    JOIN evidence_file f ON f.run = s.last_run AND f.name = s.file
    JOIN evidence_source e ON e.id = s.source
    WHERE s.vendor = ANY(${[...vendors]}::text[]) AND s.sure AND s.gone_run IS NULL
      AND s.kind IN ('variable', 'host', 'package', 'service') AND f.format = ANY(${Object.keys(kinds)}::text[])
    GROUP BY s.vendor, s.file, f.format, e.name, s.last_run
    ORDER BY s.vendor, s.file LIMIT ${MOST}`.execute(db);
  return rows.flatMap(({ format, ...row }) => {
    const kind = kinds[format];
    return kind === undefined ? [] : [{ ...row, kind }];
  });
}
