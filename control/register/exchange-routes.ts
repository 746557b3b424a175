import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  json,
  needs,
  problemResponses,
  ReasonSchema,
  recordChange,
  streamOf,
} from '../platform/index.ts';
import { exportCsv, exportJson } from './export.ts';
import { applyImport, oneImport, planImport } from './import.ts';
import { importFormats, LONGEST_FILE, readIncoming } from './incoming.ts';
import type { Register } from './register.ts';
import { body, byOf, mayDecide } from './route-parts.ts';
import { ImportedSchema, SourceSchema } from './schemas.ts';

const exportIt = createRoute({
  method: 'get',
  path: '/register/export',
  'x-needs': needs('register.read'),
  summary: 'The register as a file, which is recorded',
  description:
    'JSON holds all that is entered, and hashes of files; the table holds one line for each vendor. Cells that a spreadsheet would take for formulas begin with an apostrophe.',
  request: { query: z.object({ format: z.enum(['json', 'csv']).default('json') }) },
  responses: {
    200: {
      description: 'The register',
      content: { 'application/json': { schema: z.any() }, 'text/csv': { schema: z.string() } },
    },
    ...problemResponses,
  },
});
const importIt = createRoute({
  method: 'post',
  path: '/register/imports',
  'x-needs': needs('register.change'),
  summary: 'Take vendors in from a file: an export of ours, a table, or Probo’s list',
  description:
    'With `preview` it is only said what would change. The status of a vendor that is there stays, and so does a tier that was set. Nothing is taken out.',
  request: {
    body: body(
      z
        .strictObject({
          format: z.enum(importFormats),
          content: z.string().min(1),
          source: SourceSchema.openapi({ description: 'Whose word it is, where the file does not say' }),
          asOf: z.iso.date(),
          preview: z.boolean().default(false),
          reason: ReasonSchema,
        })
        .openapi('RegisterImport'),
    ),
  },
  responses: {
    200: json(ImportedSchema, 'What it did, or with `preview` would do'),
    ...problemResponses,
  },
});

const SHOWN = 1_000;

/** The largest body of a request to this path of the API, where it is larger than others may be; else null. */
export const largestRegister = (path: string): number | null =>
  path.endsWith('/register/imports') ? LONGEST_FILE + 4 * 1024 * 1024 : null;

export function exchangeRoutes(
  register: Register,
  knownBy: () => Promise<(domain: string) => string | undefined>,
) {
  const { deps } = register;
  const { platform } = deps;
  return createRouter()
    .openapi(exportIt, async (c) => {
      const { format } = c.req.valid('query');
      await platform.db.transaction().execute((tx) =>
        recordChange(tx, platform, {
          actor: c.get('actor'),
          reason: 'Exported',
          act: 'register.export',
          subject: { kind: 'register', id: 'vendors' },
          detail: { format },
        }),
      );
      const text = format === 'json' ? exportJson(deps) : exportCsv(deps);
      return new Response(streamOf(encoded(text)), {
        headers: {
          'content-type': format === 'json' ? 'application/json' : 'text/csv; charset=utf-8',
          'content-disposition': `attachment; filename="register.${format}"`,
          'cache-control': 'no-store',
        },
      });
    })
    .openapi(importIt, async (c) => {
      const { format, content, source, asOf, preview, reason } = c.req.valid('json');
      const read = await readIncoming(format, content, { source, asOf, knownBy: await knownBy() });
      const by = byOf(c, reason);
      const { plan, missingFiles } = preview
        ? { plan: await planImport(deps, read.vendors), missingFiles: [] }
        : await register.change(async (tx) => {
            await oneImport(tx, read.vendors);
            const made = await planImport(deps, read.vendors);
            return {
              plan: made,
              missingFiles: await applyImport(tx, deps, read.vendors, made, by, mayDecide(c, platform)),
            };
          });
      const count = (effect: string) => plan.effects.filter((one) => one.effect === effect).length;
      const effects = plan.effects
        .filter(({ effect, kept }) => effect !== 'same' || kept.length > 0)
        .slice(0, SHOWN)
        .map((one) => ({ ...one, changes: [...one.changes], kept: [...one.kept] }));
      const counts = { new: count('new'), changed: count('changed'), same: count('same') };
      return c.json({ counts, effects, unread: read.unread, missingFiles }, 200);
    });
}

async function* encoded(text: AsyncIterable<string>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  for await (const piece of text) yield encoder.encode(piece);
}
