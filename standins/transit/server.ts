import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { bodyJson, isObject, sendJson, UnreadableBodyError } from '../http/json.ts';
import { type Listening, type ListenOptions, listen } from '../http/listen.ts';
import { header, type ReceivedRequest } from '../http/received.ts';

export interface TransitStandinOptions extends ListenOptions {
  /** Tokens that may encrypt and decrypt. Others get 403. */
  tokens: readonly string[];
  namespace?: string;
  /** Default `transit`. */
  mount?: string;
}

export interface TransitStandin extends Listening {
  /** Makes a key of type aes256-gcm96; of one that is there, another version, which encrypts from now on. */
  rotate(key: string): void;
  /** Removes a key with all its versions. */
  remove(key: string): void;
  /** While it is sealed, it answers 503. */
  isSealed: boolean;
  /** Answers a ciphertext that does not open with 500, as releases 1.5 to 1.7 did. */
  answersDamageWith500: boolean;
}

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Starts a server that answers `encrypt` and `decrypt` of the transit engine of HashiCorp Vault and OpenBao, as its API
 * documentation says: versions in the ciphertext, associated data, namespaces, tokens, sealed.
 */
export async function startTransitStandin(options: TransitStandinOptions): Promise<TransitStandin> {
  const { mount = 'transit', namespace, tokens } = options;
  const keys = new Map<string, Buffer[]>();
  const state = {
    isSealed: false,
    answersDamageWith500: false,
    rotate: (key: string) => void keys.set(key, [...(keys.get(key) ?? []), randomBytes(32)]),
    remove: (key: string) => void keys.delete(key),
  };

  const answerTo = (request: ReceivedRequest): object => {
    if (state.isSealed) throw new Refusal(503, 'Vault is sealed');
    const token = header(request, 'x-vault-token');
    if (token === null || !tokens.includes(token)) throw new Refusal(403, 'permission denied');
    const prefix = `/v1/${mount}/`;
    const [act, name] = request.path.slice(prefix.length).split('/');
    const isHere = (header(request, 'x-vault-namespace') ?? '') === (namespace ?? '');
    if (!isHere || !request.path.startsWith(prefix) || name === undefined)
      throw new Refusal(404, `no handler for route "${request.path.slice(4)}". route entry not found.`);
    const body = bodyJson(request);
    if (!isObject(body)) throw new Refusal(400, 'failed to parse JSON input');
    const versions = keys.get(decodeURIComponent(name));
    if (versions === undefined) throw new Refusal(400, 'encryption key not found');
    const associated = Buffer.from(String(body.associated_data ?? ''), 'base64');
    if (act === 'encrypt') return encrypt(versions, String(body.plaintext ?? ''), associated);
    if (act === 'decrypt') return decrypt(versions, String(body.ciphertext ?? ''), associated, state);
    throw new Refusal(404, 'unsupported path');
  };

  const listening = await listen(options, async (request: ReceivedRequest, response: ServerResponse) => {
    try {
      sendJson(response, 200, {
        request_id: 'made-up',
        lease_id: '',
        renewable: false,
        data: answerTo(request),
      });
    } catch (error) {
      if (error instanceof Refusal) sendJson(response, error.status, { errors: [error.message] });
      else if (error instanceof UnreadableBodyError)
        sendJson(response, 400, { errors: ['error parsing JSON'] });
      else throw error;
    }
  });
  return Object.assign(state, listening);
}

function encrypt(versions: readonly Buffer[], plaintext: string, associated: Buffer): object {
  const [key, nonce] = [versions.at(-1) ?? Buffer.alloc(0), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated);
  const body = Buffer.concat([cipher.update(Buffer.from(plaintext, 'base64')), cipher.final()]);
  const text = Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64');
  return { ciphertext: `vault:v${versions.length}:${text}`, key_version: versions.length };
}

function decrypt(
  versions: readonly Buffer[],
  ciphertext: string,
  associated: Buffer,
  state: { answersDamageWith500: boolean },
): object {
  const [, version, text] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? [];
  if (version === undefined || text === undefined) throw new Refusal(400, 'invalid ciphertext: no prefix');
  const key = versions[Number(version) - 1];
  if (key === undefined) throw new Refusal(400, 'invalid ciphertext: version is too new');
  const bytes = Buffer.from(text, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
    .setAAD(associated)
    .setAuthTag(bytes.subarray(-16));
  const plaintext = decipher.update(bytes.subarray(12, -16));
  try {
    decipher.final();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const status = state.answersDamageWith500 ? 500 : 400;
    throw new Refusal(status, 'cipher: message authentication failed');
  }
  return { plaintext: plaintext.toString('base64') };
}
