import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, json, problemResponses } from '../http.ts';
import { needs } from '../needs.ts';
import { givenReason } from '../reason.ts';
import { streamOf } from '../stream.ts';
import { type BlobInfo, type Blobs, LARGEST_BLOB } from './blobs.ts';
import { blobTypes } from './types.ts';

/** SHA-256 of a content, in lower-case hexadecimal: its address. */
const BlobHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'SHA-256 of the content, in lower-case hexadecimal')
  .openapi({ example: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' });
export const BlobRefSchema = z
  .strictObject({
    hash: BlobHash,
    name: z
      .string()
      .trim()
      .min(1)
      .max(200)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not stand there
      .regex(/^[^\x00-\x1f\x7f/\\]+$/, 'a file’s name has no slashes and no control characters'),
  })
  .openapi('FileReference');
export const BlobSchema = z
  .object({
    hash: z.string(),
    bytes: z.number(),
    type: z.enum(blobTypes),
    storedAt: z.string(),
    storedBy: z.string(),
  })
  .openapi('File');
export const NamedBlobSchema = z.object({ ...BlobSchema.shape, name: z.string() }).openapi('NamedFile');

const params = z.object({ hash: BlobHash });
const put = createRoute({
  method: 'put',
  path: '/blobs/{hash}',
  'x-needs': needs('register.change'),
  summary: 'Store a file at the SHA-256 of its content',
  description: `The body is the file itself, at most ${LARGEST_BLOB} bytes; the reason goes in x-drawbridge-reason. A file that nothing refers to within a day is forgotten.`,
  request: { params },
  responses: { 200: json(BlobSchema, 'It is stored'), ...problemResponses },
});
const get = createRoute({
  method: 'get',
  path: '/blobs/{hash}',
  'x-needs': needs('register.read'),
  summary: 'Download a file, which is recorded',
  description: 'Always as a download, never shown as a page.',
  request: {
    params,
    query: z.object({ name: BlobRefSchema.shape.name.optional() }),
  },
  responses: {
    200: { description: 'The file', content: { 'application/octet-stream': { schema: z.any() } } },
    ...problemResponses,
  },
});

/** The largest body of a request to this path of the API, where it is larger than others may be; else null. */
export const largestBlob = (path: string): number | null =>
  /\/(?:blobs\/[0-9a-f]{64}|incidents\/[0-9a-f-]{36}\/attachments)$/i.test(path) ? LARGEST_BLOB + 1 : null;

export function blobRoutes(blobs: Blobs) {
  return createRouter()
    .openapi(put, async (c) => {
      const by = { actor: c.get('actor'), reason: givenReason(c) };
      const said = c.req.header('content-type') ?? '';
      const { hash } = c.req.valid('param');
      const stored = await blobs.put(hash, bodyOf(c.req.raw), said, by);
      return c.json(blobView(stored), 200);
    })
    .openapi(get, async (c) => {
      const { hash } = c.req.valid('param');
      const given = c.req.header('x-drawbridge-reason');
      const by = { actor: c.get('actor'), reason: given === undefined ? 'Downloaded' : givenReason(c) };
      const { info, content } = await blobs.read(hash, by);
      const name = c.req.valid('query').name ?? hash;
      return fileAnswer(info, name, content);
    });
}

/** A file as a download that no browser shows as a page, nor takes for another type. */
export function fileAnswer(
  info: BlobInfo,
  name: string,
  content: AsyncGenerator<Buffer<ArrayBuffer>>,
): Response {
  // What a browser would run is given out as bytes that it does not.
  const type = info.type === 'text/html' ? 'application/octet-stream' : info.type;
  return new Response(streamOf(content), {
    headers: {
      'content-type': type,
      'content-length': String(info.bytes),
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  });
}

/** The body of a request as it comes. */
export async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  if (request.body === null) return;
  for await (const chunk of request.body) yield chunk;
}

export const blobView = ({ hash, bytes, type, storedAt, storedBy }: BlobInfo) => ({
  hash,
  bytes,
  type,
  storedAt: storedAt.toISOString(),
  storedBy,
});
