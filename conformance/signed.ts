import { createHash, createHmac } from 'node:crypto';
import { header, type ReceivedRequest } from '@drawbridge/standins';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SourceData } from '@smithy/types';

/** What the SDK's own signer hashes with. */
class Sha256 {
  readonly #secret: Buffer | null;
  #data: Buffer[] = [];
  constructor(secret?: SourceData) {
    this.#secret = secret === undefined ? null : bufferOf(secret);
  }
  update(data: SourceData): void {
    this.#data.push(bufferOf(data));
  }
  async digest(): Promise<Uint8Array> {
    const hasher = this.#secret === null ? createHash('sha256') : createHmac('sha256', this.#secret);
    return new Uint8Array(hasher.update(Buffer.concat(this.#data)).digest());
  }
  reset(): void {
    this.#data = [];
  }
}

function bufferOf(data: SourceData): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
}

/** Whether a request's signature is the one that AWS's own signer makes with these keys over what arrived, and is fresh. */
export async function isSigned(request: ReceivedRequest, keys: string, region: string): Promise<boolean> {
  const [accessKeyId = '', secretAccessKey = '', sessionToken = ''] = keys.split(':');
  const authorization = header(request, 'authorization') ?? '';
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
  const time = header(request, 'x-amz-date') ?? '';
  const date = new Date(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(date.getTime() - request.at) < 300_000)) return false;
  const signer = new SignatureV4({
    region,
    service: 'bedrock',
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    sha256: Sha256,
    applyChecksum: false,
  });
  const given = names.filter((name) => !name.startsWith('x-amz-'));
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: '',
      path: request.path,
      query: Object.fromEntries(request.query),
      headers: Object.fromEntries(given.map((name) => [name, header(request, name) ?? ''])),
      body: request.body,
    },
    { signingDate: date },
  );
  return signed.headers.authorization === authorization && names.includes('host');
}
