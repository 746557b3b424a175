import { createHmac, hash } from 'node:crypto';

/** Long-lived keys, or temporary ones with their session token; what they sign for. */
export interface Sigv4Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
  region: string;
  /** The service's signing name, such as `bedrock`. */
  service: string;
}

export interface Sigv4Request {
  method: string;
  /** As in the Host header: with the port where it is not the scheme's own. */
  host: string;
  /** As in the request line, percent-encoded, without empty and dot segments. */
  path: string;
  /** Without `?`. */
  query: string;
  /** Further headers to be signed. Each name once. */
  headers: readonly (readonly [name: string, value: string])[];
  body: Uint8Array;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * Signs requests by AWS Signature Version 4
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 */
export class Sigv4Signer {
  readonly #credentials: Sigv4Credentials;
  #day = '';
  #key: Buffer = Buffer.alloc(0);

  constructor(credentials: Sigv4Credentials) {
    this.#credentials = credentials;
  }

  /** The headers to be added to the request. `now`: milliseconds since 1970. */
  sign(request: Sigv4Request, now: number): [name: string, value: string][] {
    const { accessKeyId, sessionToken, region, service } = this.#credentials;
    const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const day = time.slice(0, 8);
    const added: [string, string][] = [['X-Amz-Date', time]];
    if (sessionToken !== undefined) added.push(['X-Amz-Security-Token', sessionToken]);
    const signed = [['host', request.host] as const, ...request.headers, ...added]
      .map(([name, value]) => [name.toLowerCase(), value.trim().replaceAll(/\s+/g, ' ')] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const names = signed.map(([name]) => name).join(';');
    const canonical = [
      request.method,
      request.path.split('/').map(encode).join('/'),
      canonicalQuery(request.query),
      ...signed.map(([name, value]) => `${name}:${value}`),
      '',
      names,
      hash('sha256', request.body, 'hex'),
    ].join('\n');
    const scope = `${day}/${region}/${service}/aws4_request`;
    const text = [ALGORITHM, time, scope, hash('sha256', canonical, 'hex')].join('\n');
    const signature = hmac(this.#keyOf(day), text).toString('hex');
    added.push([
      'Authorization',
      `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    ]);
    return added;
  }

  #keyOf(day: string): Buffer {
    if (this.#day !== day) {
      const { secretAccessKey, region, service } = this.#credentials;
      const ofDay = hmac(Buffer.from(`AWS4${secretAccessKey}`), day);
      this.#key = hmac(hmac(hmac(ofDay, region), service), 'aws4_request');
      this.#day = day;
    }
    return this.#key;
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** RFC 3986: all but its unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Sorted by the encoded name, then by the encoded value. A plus is a plus. */
function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      const name = at < 0 ? pair : pair.slice(0, at);
      return [encode(decode(name)), encode(decode(at < 0 ? '' : pair.slice(at + 1)))] as const;
    })
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Undoes percent-encoding; what is no encoding of a text is taken as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return text;
  }
}
