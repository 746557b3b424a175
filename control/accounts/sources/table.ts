import { z } from '@hono/zod-openapi';
import { type CsvRow, invalid, readCsv } from '../../platform/index.ts';
import { type Level, levels } from '../levels.ts';
import { type ImportedAccount, type Read, timeOf } from './account.ts';

const Column = z.string().trim().min(1).max(200);
const Words = z.array(z.string().trim().min(1).max(200)).min(1).max(50);

/** Which columns of a table say what. */
export const MappingSchema = z
  .strictObject({
    email: Column.optional(),
    name: Column.optional(),
    id: Column.optional().openapi({
      description: 'What the vendor knows the account by; else its e-mail does',
    }),
    role: Column.optional(),
    admin: z.strictObject({ column: Column, is: Words }).optional(),
    suspended: z.strictObject({ column: Column, is: Words }).optional(),
    secondFactor: z
      .strictObject({ column: Column, is: z.partialRecord(z.enum(levels), Words) })
      .optional()
      .openapi({ description: 'Which words in the column mean which level; others are unknown' }),
    lastActive: Column.optional(),
  })
  .refine(
    ({ email, id }) => email !== undefined || id !== undefined,
    'name the column of the e-mail or of the id',
  )
  .openapi('AccountMapping');
export type Mapping = z.infer<typeof MappingSchema>;

/** Any table, by a mapping. Throws Problem 422 for a mapping that names a column which is not there. */
export function readTable(content: string, mapping: Mapping): Read {
  const { columns, rows } = readCsv(content, 'content');
  const named = [
    ['email', mapping.email],
    ['name', mapping.name],
    ['id', mapping.id],
    ['role', mapping.role],
    ['admin.column', mapping.admin?.column],
    ['suspended.column', mapping.suspended?.column],
    ['secondFactor.column', mapping.secondFactor?.column],
    ['lastActive', mapping.lastActive],
  ] as const;
  for (const [member, column] of named) {
    if (column !== undefined && !columns.includes(column)) {
      throw invalid(`mapping.${member}`, `the table has no column "${column}"; it has ${columns.join(', ')}`);
    }
  }
  return { complete: true, accounts: rows.map((row) => accountOf(row, mapping)) };
}

function accountOf(row: CsvRow, mapping: Mapping): ImportedAccount {
  const text = (column: string | undefined) =>
    column === undefined ? null : (row.get(column) ?? '') || null;
  const saysOneOf = (asked: { column: string; is: string[] }) => means(row.get(asked.column), asked.is);
  const email = text(mapping.email);
  const externalId = text(mapping.id) ?? email;
  if (externalId === null) throw invalid('content', `line ${row.line} has neither an id nor an e-mail`);
  if (externalId.length > 320)
    throw invalid('content', `line ${row.line}: its id is longer than 320 characters`);
  const suspended = mapping.suspended !== undefined && saysOneOf(mapping.suspended);
  return {
    externalId,
    email,
    name: text(mapping.name),
    role: text(mapping.role),
    admin: mapping.admin === undefined ? null : saysOneOf(mapping.admin),
    kind: 'person',
    state: suspended ? 'suspended' : 'active',
    level: levelOf(row, mapping),
    basis:
      mapping.secondFactor === undefined
        ? 'the table has no column for second factors'
        : `column "${mapping.secondFactor.column}" of a table`,
    addedAt: null,
    lastActiveAt: timeOf(text(mapping.lastActive)),
  };
}

const means = (cell: string | undefined, words: readonly string[]): boolean =>
  words.some((word) => word.toLowerCase() === cell?.toLowerCase());

function levelOf(row: CsvRow, { secondFactor }: Mapping): Level {
  if (secondFactor === undefined) return 'unknown';
  const cell = row.get(secondFactor.column);
  const found = levels.find((level) => means(cell, secondFactor.is[level] ?? []));
  return found ?? 'unknown';
}
