import { createHash } from 'node:crypto';

type Json = Record<string, unknown>;

/** A unit vector that depends on the text alone. */
export function embed(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  let block = Buffer.alloc(0);
  for (let i = 0; i < dimensions; i++) {
    if (i % 8 === 0)
      block = createHash('sha256')
        .update(`${i / 8}\n${text}`)
        .digest();
    vector[i] = block.readInt32LE((i % 8) * 4) / 2 ** 31;
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** The answer to an embeddings request; base64 of little-endian floats when it asks for that. */
export function embeddings(request: Json): Json {
  const given = request.input;
  const inputs: unknown[] = Array.isArray(given) ? given : [given];
  const dimensions = typeof request.dimensions === 'number' ? Math.min(request.dimensions, 4096) : 256;
  const texts = inputs.map((input) => (typeof input === 'string' ? input : JSON.stringify(input)));
  const used = texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
  return {
    object: 'list',
    data: texts.map((text, index) => {
      const vector = embed(text, dimensions);
      const base64 = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
      return {
        object: 'embedding',
        index,
        embedding: request.encoding_format === 'base64' ? base64 : [...vector],
      };
    }),
    model: request.model,
    usage: { prompt_tokens: used, total_tokens: used },
  };
}
