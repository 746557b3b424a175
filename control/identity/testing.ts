import { createHash, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** What an answer of the API comes to, for tests. */
export interface Answered {
  status: number;
  body: unknown;
  /** The session's secret, where the answer sets one. */
  secret: string | null;
}
/** Asks the API, with the session's secret where there is one. */
export type Ask = (method: string, path: string, body?: unknown, secret?: string) => Promise<Answered>;

/** Reads a session's secret out of `set-cookie`. */
export function secretIn(cookies: readonly string[]): string | null {
  return /__Host-drawbridge=([^;]+)/.exec(cookies.join('\n'))?.[1] ?? null;
}

/** Asks over a real port, as a browser would. */
export function askOver(apiUrl: string): Ask {
  return async (method, path, body, secret) => {
    const answer = await fetch(`${apiUrl}/api/v1${path}`, {
      method,
      headers: headersOf(secret, body),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      body: text === '' ? null : JSON.parse(text),
      secret: secretIn(answer.headers.getSetCookie()),
    };
  };
}

export function headersOf(secret: string | undefined, body: unknown): Record<string, string> {
  return {
    'x-drawbridge-csrf': '1',
    'x-drawbridge-reason': 'a test',
    ...(secret === undefined ? {} : { cookie: `__Host-drawbridge=${secret}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
}

/** A made-up person, enrolled with a password and an authenticator app. */
export interface Enrolled {
  secret: string;
  /** For a request's headers. */
  cookie: string;
  email: string;
  password: string;
  recoveryCodes: string[];
  /** Of the app, as it is shown. */
  appSecret: string;
  /** The app's code at a moment, in ms. */
  codeAt(at: number): string;
}

interface EnrolOptions {
  /** Of the link. */
  token: string;
  name?: string;
  /** Of the first administrator only. */
  email?: string;
  now?: () => number;
}

export const madeUpPassword = 'made-up heron lantern';

/** Enrols whom a link is for, through the API. Throws where a step is answered otherwise. */
export async function enrol(ask: Ask, options: EnrolOptions): Promise<Enrolled> {
  const { token, name = 'Made-up Administrator', email, now = Date.now } = options;
  const step = async (method: string, path: string, body?: unknown, secret?: string): Promise<Answered> => {
    const answer = await ask(method, path, body, secret);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  };
  const enrolling = (await step('POST', '/session/invitation', { token })).secret ?? '';
  const inside = (method: string, path: string, body?: unknown) => step(method, path, body, enrolling);
  await inside('PUT', '/session/profile', email === undefined ? { name } : { name, email });
  await inside('PUT', '/me/password', { password: madeUpPassword });
  const app = (await inside('POST', '/me/totp')).body as { secret: string };
  const codeAt = (at: number) => appCode(app.secret, at);
  await inside('POST', '/me/totp/confirm', { code: codeAt(now()) });
  const { codes } = (await inside('POST', '/me/recovery-codes')).body as { codes: string[] };
  const secret = (await inside('POST', '/session/finish')).secret ?? '';
  const cookie = `__Host-drawbridge=${secret}`;
  return {
    secret,
    cookie,
    email: email ?? '',
    password: madeUpPassword,
    recoveryCodes: codes,
    appSecret: app.secret,
    codeAt,
  };
}

/** An authenticator app: RFC 6238 written once more, so that tests do not ask the code that they test. */
export function appCode(base32: string, at: number): string {
  const bits = [...base32].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const key = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.from(
    Math.floor(at / 30_000)
      .toString(16)
      .padStart(16, '0'),
    'hex',
  );
  const mac = createHmac('sha1', key).update(counter).digest();
  const from = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

interface SoftPasskeyOptions {
  /** Whether the device verified its person. */
  verified?: boolean;
  origin?: string;
}

/** A passkey in software, ES256 with attestation "none", whose counter can be set: what a device would answer. */
export function softPasskey(host: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  const id = randomBytes(32);
  const text = (bytes: Buffer) => bytes.toString('base64url');
  let userHandle = '';

  const clientData = (type: string, challenge: string, origin: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const authData = (flags: number, counter: number, more = Buffer.alloc(0)) => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([createHash('sha256').update(host).digest(), Buffer.of(flags), count, more]);
  };
  const flagsOf = (verified: boolean) => 0x01 | (verified ? 0x04 : 0);
  const shared = { id: text(id), rawId: text(id), type: 'public-key', clientExtensionResults: {} };

  return {
    id: shared.id,
    counter: 0,
    create(
      options: { challenge: string; user?: { id: string } },
      { verified = true, origin = `http://${host}:4400` }: SoftPasskeyOptions = {},
    ) {
      userHandle = options.user?.id ?? '';
      const coordinate = (value = '') =>
        Buffer.concat([Buffer.of(0x58, 0x20), Buffer.from(value, 'base64url')]);
      // CBOR: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
      const key = Buffer.concat([
        Buffer.from('a5010203262001', 'hex'),
        Buffer.of(0x21),
        coordinate(jwk.x),
        Buffer.of(0x22),
        coordinate(jwk.y),
      ]);
      const made = Buffer.concat([Buffer.alloc(16), Buffer.of(0, id.length), id, key]);
      const data = authData(flagsOf(verified) | 0x40, this.counter, made);
      const size = Buffer.alloc(2);
      size.writeUInt16BE(data.length);
      // CBOR: {"fmt": "none", "attStmt": {}, "authData": data}
      const attestation = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex'),
        Buffer.of(0x59),
        size,
        data,
      ]);
      return {
        ...shared,
        response: {
          clientDataJSON: text(clientData('webauthn.create', options.challenge, origin)),
          attestationObject: text(attestation),
          transports: ['internal'],
        },
      };
    },
    get(
      options: { challenge: string },
      { verified = true, origin = `http://${host}:4400` }: SoftPasskeyOptions = {},
    ) {
      const client = clientData('webauthn.get', options.challenge, origin);
      const data = authData(flagsOf(verified), this.counter);
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
      return {
        ...shared,
        response: {
          clientDataJSON: text(client),
          authenticatorData: text(data),
          signature: text(sign('sha256', signed, privateKey)),
          userHandle,
        },
      };
    },
  };
}
