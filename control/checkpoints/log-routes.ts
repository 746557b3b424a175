import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, json, needs, notFound, type Platform, problemResponses } from '../platform/index.ts';
import { findServedLog, readLogFile } from './files.ts';
import { crossingEvidence, crossingPayload, crossingProof, EvidenceSchema, PayloadSchema } from './proofs.ts';

const params = z.object({ id: z.uuid() });
const proofFile = { description: 'The proof', content: { 'text/plain': { schema: z.string() } } };

const evidence = createRoute({
  method: 'get',
  path: '/crossings/{id}/evidence',
  'x-needs': needs('crossing.read'),
  summary: 'What a crossing’s log holds of it: the entries of its leaf and its settlement',
  request: { params },
  responses: { 200: json(EvidenceSchema, 'The entries'), ...problemResponses },
});
const payload = createRoute({
  method: 'get',
  path: '/crossings/{id}/payload',
  'x-needs': needs('crossing.read'),
  summary: 'What a crossing’s leaf commits to beside the log: items, one per subject, byte for byte',
  request: { params },
  responses: { 200: json(PayloadSchema, 'The items'), ...problemResponses },
});
const leafProof = createRoute({
  method: 'get',
  path: '/crossings/{id}/proof',
  'x-needs': needs('crossing.read'),
  summary: 'That its log has the crossing’s leaf: a file in the format c2sp.org/tlog-proof',
  request: { params },
  responses: { 200: proofFile, ...problemResponses },
});
const settlementProof = createRoute({
  method: 'get',
  path: '/crossings/{id}/settlement/proof',
  'x-needs': needs('crossing.read'),
  summary: 'That its log has the crossing’s settlement: a file in the format c2sp.org/tlog-proof',
  request: { params },
  responses: { 200: proofFile, ...problemResponses },
});

/** The gateways' logs as files, and what proves that a crossing is in one of them. */
export function gatewayLogRoutes(platform: Platform) {
  const file = async (name: string, path: string) => {
    const id = /^[1-9]\d{0,8}$/.test(name) ? Number(name) : null;
    const log = id === null ? null : await findServedLog(platform.pool, id);
    if (log === null) throw notFound('log');
    const bytes = await readLogFile(platform.pool, log, path);
    if (bytes === null) throw notFound(path === 'checkpoint' ? 'checkpoint' : 'tile');
    return bytes;
  };
  const saved = (name: string) => ({ 'content-disposition': `attachment; filename="${name}.tlog-proof"` });
  return (
    createRouter()
      .openapi(evidence, async (c) => c.json(await crossingEvidence(platform, c.req.valid('param').id), 200))
      .openapi(payload, async (c) => c.json(await crossingPayload(platform, c.req.valid('param').id), 200))
      .openapi(leafProof, async (c) => {
        const { id } = c.req.valid('param');
        return c.text(await crossingProof(platform, id, 'leaf'), 200, saved(id));
      })
      .openapi(settlementProof, async (c) => {
        const { id } = c.req.valid('param');
        return c.text(await crossingProof(platform, id, 'settlement'), 200, saved(`${id}.settlement`));
      })
      // Under the paths of c2sp.org/tlog-tiles, as for the log of changes.
      .get('/logs/gateways/:log/checkpoint', async (c) =>
        c.text((await file(c.req.param('log'), 'checkpoint')).toString()),
      )
      .get('/logs/gateways/:log/tile/*', async (c) => {
        const name = c.req.param('log');
        const before = `/logs/gateways/${name}/`;
        const path = c.req.path.slice(c.req.path.indexOf(`${before}tile/`) + before.length);
        const bytes = await file(name, path);
        return c.body(new Uint8Array(bytes), 200, { 'content-type': 'application/octet-stream' });
      })
  );
}
