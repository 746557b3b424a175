import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { HashConstructor } from '@smithy/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sigv4Signer } from './index.ts';

/** The public examples of AWS: its test suite (aws-sig-v4-test-suite), and the one of its guide. */
const example = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'service',
};
const then = Date.parse('2015-08-30T12:36:00Z');
const plain = { method: 'GET', host: 'example.amazonaws.com', path: '/', query: '', headers: [] };
const form = 'application/x-www-form-urlencoded';
const none = new Uint8Array();

const signatureOf = (headers: readonly (readonly [string, string])[]) =>
  /Signature=([0-9a-f]{64})$/.exec(headers.find(([name]) => name === 'Authorization')?.[1] ?? '')?.[1];

describe('the published vectors', () => {
  it.each([
    ['get-vanilla', plain, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key-case',
      { ...plain, query: 'Param2=value2&Param1=value1' },
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-utf8',
      { ...plain, path: '/%E1%88%B4' },
      // The suite gives its path as bytes; encoded twice it is as services other than S3 are sent it.
      signatureFromScratch('/%25E1%2588%25B4'),
    ],
    [
      'post-vanilla',
      { ...plain, method: 'POST' },
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'post-x-www-form-urlencoded',
      {
        ...plain,
        method: 'POST',
        headers: [['Content-Type', form] as const],
        body: Buffer.from('Param1=value1'),
      },
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ])('%s', (_name, request, signature) => {
    const signed = new Sigv4Signer(example).sign({ body: none, ...request }, then);
    expect(signatureOf(signed)).toBe(signature);
  });

  it('the guide’s ListUsers', () => {
    const signed = new Sigv4Signer({ ...example, service: 'iam' }).sign(
      {
        ...plain,
        host: 'iam.amazonaws.com',
        query: 'Action=ListUsers&Version=2010-05-08',
        headers: [['Content-Type', `${form}; charset=utf-8`]],
        body: none,
      },
      then,
    );
    expect(signed.at(-1)?.[1]).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    );
  });
});

/** The canonical request of a GET written out by hand, and its signature step by step as the guide has it. */
function signatureFromScratch(canonicalPath: string): string {
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const headers = 'host:example.amazonaws.com\nx-amz-date:20150830T123600Z\n';
  const canonical = `GET\n${canonicalPath}\n\n${headers}\nhost;x-amz-date\n${sha('')}`;
  const scope = '20150830/us-east-1/service/aws4_request';
  const day = hmac(`AWS4${example.secretAccessKey}`, '20150830');
  const key = hmac(hmac(hmac(day, 'us-east-1'), 'service'), 'aws4_request');
  return hmac(key, `AWS4-HMAC-SHA256\n20150830T123600Z\n${scope}\n${sha(canonical)}`).toString('hex');
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** What @smithy/signature-v4 hashes with. */
class Sha256 {
  readonly #secret: Uint8Array | string | undefined;
  #data: Buffer[] = [];
  constructor(secret?: ConstructorParameters<HashConstructor>[0]) {
    this.#secret = secret === undefined || typeof secret === 'string' ? secret : bytesOf(secret);
  }
  update(data: Uint8Array | string): void {
    this.#data.push(Buffer.from(data));
  }
  async digest(): Promise<Uint8Array> {
    const hasher = this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret);
    return new Uint8Array(hasher.update(Buffer.concat(this.#data)).digest());
  }
  reset(): void {
    this.#data = [];
  }
}

describe('any request', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  const segment = text.filter((one) => one !== '.' && one !== '..');
  const request = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    segments: fc.array(segment, { minLength: 1, maxLength: 4 }),
    query: fc.dictionary(
      text.filter((name) => name !== '__proto__' && name.toLowerCase() !== 'x-amz-signature'),
      fc.array(fc.string({ unit: 'grapheme', maxLength: 10 }), { minLength: 1, maxLength: 3 }),
      { maxKeys: 4 },
    ),
    headers: fc.dictionary(
      fc.stringMatching(/^x-[a-z0-9]{1,10}$/).filter((name) => !name.startsWith('x-amz')),
      fc.stringMatching(/^[ -~]{0,20}$/),
      { maxKeys: 3 },
    ),
    body: fc.uint8Array({ maxLength: 200 }),
    sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9/+=]{1,40}$/), { nil: undefined }),
    now: fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
  });

  it('is signed as @smithy/signature-v4 signs it', async () => {
    await fc.assert(
      fc.asyncProperty(request, async ({ method, segments, query, headers, body, sessionToken, now }) => {
        const credentials = { ...example, ...(sessionToken === undefined ? {} : { sessionToken }) };
        const { accessKeyId, secretAccessKey } = example;
        const smithy = new SignatureV4({
          region: example.region,
          service: example.service,
          credentials: {
            accessKeyId,
            secretAccessKey,
            ...(sessionToken === undefined ? {} : { sessionToken }),
          },
          sha256: Sha256,
          applyChecksum: false,
        });
        const host = 'example.amazonaws.com';
        const path = `/${segments.map(encodeURIComponent).join('/')}`;
        const theirs = await smithy.sign(
          { method, protocol: 'https:', hostname: host, path, query, headers: { ...headers, host }, body },
          { signingDate: now },
        );
        const pairs = Object.entries(query).flatMap(([name, values]) =>
          values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
        );
        const ours = new Sigv4Signer(credentials).sign(
          { method, host, path, query: pairs.join('&'), headers: Object.entries(headers), body },
          now.getTime(),
        );
        expect(ours.at(-1)?.[1]).toBe(theirs.headers.authorization);
      }),
      { numRuns: 200 },
    );
  });
});
