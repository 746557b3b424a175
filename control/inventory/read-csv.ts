import { type CsvRow, invalid, readCsv } from '../platform/index.ts';
import {
  type HeldKey,
  keyIn,
  MOST_KEYS,
  type ReadList,
  scopesIn,
  textIn,
  timeIn,
  wrongAt,
} from './held-key.ts';
import type { Mapping } from './schemas.ts';

/** Tables of keys: AWS's credential report, and any other by a mapping of its columns. */

type Reads = (row: CsvRow) => HeldKey[];

function readTable(content: string, needed: readonly string[], keysOf: Reads): ReadList {
  const table = readCsv(content, 'content');
  const missing = needed.find((column) => !table.columns.includes(column));
  if (missing !== undefined)
    throw invalid('content', `line 1: there is no column "${missing.slice(0, 100)}"`);
  const read: ReadList = { keys: [], refused: [] };
  for (const row of table.rows) {
    const cells = Object.fromEntries(table.columns.map((column) => [column, row.get(column) ?? '']));
    const refused = keyIn(cells, row.line);
    if (refused !== null) read.refused.push(refused);
    else read.keys.push(...keysOf(row));
    if (read.keys.length > MOST_KEYS)
      throw invalid('content', `has more than ${MOST_KEYS} keys; import it in parts by source`);
  }
  return read;
}

/** What the report writes where there is nothing to say. */
const nothing = new Set(['', 'N/A', 'no_information', 'not_supported']);
const SAME_MS = 60 * 60_000;

/**
 * IAM's credential report (`aws iam get-credential-report`, decoded): up to two access keys per user. It has no ids of
 * keys; a key that was made anew is known by when.
 */
export function readAwsReport(content: string): ReadList {
  const needed = ['user', 'arn', 'user_creation_time'].concat(
    [1, 2].flatMap((n) => [
      `access_key_${n}_active`,
      `access_key_${n}_last_rotated`,
      `access_key_${n}_last_used_date`,
    ]),
  );
  return readTable(content, needed, (row) =>
    [1, 2].flatMap((n) => {
      const cell = (name: string): string | null => {
        const text = row.get(name) ?? '';
        return nothing.has(text) ? null : text;
      };
      const time = (name: string) => timeIn(cell(name), row.line, name);
      const rotatedAt = time(`access_key_${n}_last_rotated`);
      const active = cell(`access_key_${n}_active`) === 'true';
      if (rotatedAt === null && !active) return [];
      const user = textIn(cell('user'));
      const arn = textIn(cell('arn'));
      if (user === null || arn === null) throw wrongAt(row.line, 'arn', 'is missing');
      const userMade = time('user_creation_time');
      const isFirst =
        rotatedAt !== null && userMade !== null && rotatedAt.getTime() - userMade.getTime() < SAME_MS;
      const service = textIn(cell(`access_key_${n}_last_used_service`));
      return [
        {
          externalId: `${arn} access_key_${n}`,
          label: `${user}, access key ${n}`,
          kind: 'access_key',
          owner: user === '<root_account>' ? null : user,
          place: null,
          scopes: scopesIn(service === null ? [] : [`last used for ${service}`]),
          madeAt: isFirst ? rotatedAt : null,
          rotatedAt: isFirst ? null : rotatedAt,
          lastUsedAt: time(`access_key_${n}_last_used_date`),
          tellsUse: true,
          expiresAt: null,
          active,
        },
      ];
    }),
  );
}

const yes = new Set(['', 'true', 'yes', '1', 'active', 'enabled']);
const no = new Set(['false', 'no', '0', 'inactive', 'disabled', 'revoked', 'expired']);

/** Any table, by the names of its columns. */
export function readMappedCsv(content: string, mapping: Mapping): ReadList {
  const columns = Object.values(mapping).filter((column) => column !== undefined);
  return readTable(content, columns, (row) => {
    const cell = (column: string | undefined): string | null =>
      column === undefined ? null : textIn(row.get(column));
    const time = (column: string | undefined): Date | null =>
      column === undefined ? null : timeIn(row.get(column), row.line, column);
    const id = cell(mapping.id);
    if (id === null) throw wrongAt(row.line, mapping.id, 'is empty: each key needs an id that stays');
    const state = (cell(mapping.active) ?? '').toLowerCase();
    if (!yes.has(state) && !no.has(state))
      throw wrongAt(
        row.line,
        mapping.active ?? '',
        'is neither yes nor no: write true, false, active or inactive',
      );
    return [
      {
        externalId: id,
        label: cell(mapping.label) ?? id,
        kind: cell(mapping.kind) ?? 'key',
        owner: cell(mapping.owner),
        place: cell(mapping.place),
        scopes: scopesIn((cell(mapping.scopes) ?? '').split(/[;,|]/)),
        madeAt: time(mapping.madeAt),
        rotatedAt: time(mapping.rotatedAt),
        lastUsedAt: time(mapping.lastUsedAt),
        tellsUse: mapping.lastUsedAt !== undefined,
        expiresAt: time(mapping.expiresAt),
        active: yes.has(state),
      },
    ];
  });
}
