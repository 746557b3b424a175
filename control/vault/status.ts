import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, json, needs, type Platform, problemResponses } from '../platform/index.ts';
import type { Vault } from './client.ts';
import { rowsByVersion } from './rewrap.ts';
import { keySourceKinds } from './sources/settings.ts';
import type { VaultTables } from './tables.ts';
import type { WrappedColumn } from './wrapped.ts';

const StatusSchema = z
  .object({
    source: z.enum(keySourceKinds).openapi({ description: 'Where the key-encryption key is, as it is set' }),
    openedWith: z
      .number()
      .openapi({ description: 'The number of the key that the running vault was opened with' }),
    trouble: z
      .object({ code: z.string(), text: z.string() })
      .nullable()
      .openapi({ description: 'Why the vault does not run, and what to do; null: it runs' }),
    keys: z
      .array(
        z.object({
          id: z.number(),
          source: z.string(),
          label: z
            .string()
            .openapi({ description: 'Which key of that source: a path, a name; never the key' }),
          madeAt: z.string(),
        }),
      )
      .openapi({ description: 'Two or more: a rotation is not finished, and each of them opens everything' }),
    dataKeys: z.array(
      z.object({
        version: z.number(),
        madeAt: z.string(),
        rows: z.number().openapi({ description: 'How many secrets are wrapped under it' }),
      }),
    ),
  })
  .openapi('VaultStatus');
export type VaultStatus = z.infer<typeof StatusSchema>;

const read = createRoute({
  method: 'get',
  path: '/vault',
  summary: 'Which keys wrap what is kept, and whether a rotation of them is under way',
  'x-needs': needs('vault.read'),
  responses: { 200: json(StatusSchema, 'The keys, by number; never a key'), ...problemResponses },
});

export function vaultRoutes({ db }: Platform, vault: Vault, columns: readonly WrappedColumn[]) {
  return createRouter().openapi(read, async (c) => {
    const rows = db.withTables<VaultTables>();
    const keys = await rows.selectFrom('key_encryption_key').selectAll().orderBy('id').execute();
    const dataKeys = await rows.selectFrom('data_key').selectAll().orderBy('version').execute();
    const counted = await rowsByVersion(db, columns);
    return c.json(
      {
        source: vault.source,
        openedWith: vault.openedWith,
        trouble: vault.trouble,
        keys: keys.map(({ id, source, label, created_at }) => ({
          id,
          source,
          label,
          madeAt: created_at.toISOString(),
        })),
        dataKeys: dataKeys.map(({ version, created_at }) => ({
          version,
          madeAt: created_at.toISOString(),
          rows: counted.get(version) ?? 0,
        })),
      },
      200,
    );
  });
}
