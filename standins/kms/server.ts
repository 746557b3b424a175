import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { bodyJson, isObject, type JsonObject, UnreadableBodyError } from '../http/json.ts';
import { type Listening, type ListenOptions, listen } from '../http/listen.ts';
import { header, type ReceivedRequest } from '../http/received.ts';

export interface KmsStandinOptions extends ListenOptions {
  /** Whether a request is signed as it should be. A stand-in has no opinion of its own on who asks. */
  verify(request: ReceivedRequest): Promise<boolean>;
  /** Key ids and aliases that there are. */
  keys: readonly string[];
}

export interface KmsStandin extends Listening {
  /** Keys that are disabled, and such as these credentials may not use. */
  disabled: Set<string>;
  denied: Set<string>;
  /** What was asked with which encryption context, in order. */
  contexts: { act: string; context: unknown }[];
}

class Refusal extends Error {
  readonly status: number;
  readonly type: string;
  constructor(type: string, message: string, status = 400) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

/**
 * Starts a server that answers Encrypt and Decrypt of AWS KMS as its API reference says: symmetric keys, the encryption
 * context as associated data, and errors by `__type`.
 */
export async function startKmsStandin(options: KmsStandinOptions): Promise<KmsStandin> {
  const keys = new Map(options.keys.map((id) => [id, randomBytes(32)]));
  const state = {
    disabled: new Set<string>(),
    denied: new Set<string>(),
    contexts: [] as KmsStandin['contexts'],
  };

  const answerTo = async (request: ReceivedRequest): Promise<object> => {
    if (!(await options.verify(request)))
      throw new Refusal(
        'InvalidSignatureException',
        'The request signature we calculated does not match the signature you provided.',
      );
    const act = /^TrentService\.(Encrypt|Decrypt)$/.exec(header(request, 'x-amz-target') ?? '')?.[1];
    if (act === undefined) throw new Refusal('UnknownOperationException', '');
    const body = bodyJson(request);
    if (!isObject(body)) throw new Refusal('SerializationException', 'not an object');
    const id = String(body.KeyId);
    const key = keys.get(id);
    if (key === undefined) throw new Refusal('NotFoundException', `Key '${id}' does not exist`);
    if (state.denied.has(id))
      throw new Refusal('AccessDeniedException', `User is not authorized to perform: kms:${act}`);
    if (state.disabled.has(id)) throw new Refusal('DisabledException', `${id} is disabled.`);
    state.contexts.push({ act, context: body.EncryptionContext });
    return act === 'Encrypt' ? encrypt(id, key, body) : decrypt(id, key, body);
  };

  const listening = await listen(options, async (request, response) => {
    try {
      send(response, 200, await answerTo(request));
    } catch (error) {
      if (error instanceof Refusal)
        send(response, error.status, { __type: error.type, message: error.message });
      else if (error instanceof UnreadableBodyError)
        send(response, 400, { __type: 'SerializationException' });
      else throw error;
    }
  });
  return Object.assign(state, listening);
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** The blob names its key: one that was made with another is told apart. */
const nameOf = (id: string): Buffer => Buffer.from(id.padEnd(64).slice(0, 64), 'latin1');

function contextOf({ EncryptionContext: context }: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(isObject(context) ? Object.entries(context).toSorted() : []));
}

function encrypt(id: string, key: Buffer, body: JsonObject): object {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(contextOf(body));
  const text = Buffer.concat([cipher.update(Buffer.from(String(body.Plaintext), 'base64')), cipher.final()]);
  const blob = Buffer.concat([nameOf(id), nonce, text, cipher.getAuthTag()]);
  return { KeyId: id, CiphertextBlob: blob.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
}

function decrypt(id: string, key: Buffer, body: JsonObject): object {
  const blob = Buffer.from(String(body.CiphertextBlob), 'base64');
  if (blob.length < 93) throw new Refusal('InvalidCiphertextException', '');
  if (!blob.subarray(0, 64).equals(nameOf(id)))
    throw new Refusal(
      'IncorrectKeyException',
      'The key ID in the request does not identify a CMK that can perform this operation.',
    );
  const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(64, 76), { authTagLength: 16 })
    .setAAD(contextOf(body))
    .setAuthTag(blob.subarray(-16));
  const plaintext = decipher.update(blob.subarray(76, -16));
  try {
    decipher.final();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Refusal('InvalidCiphertextException', '');
  }
  return { KeyId: id, Plaintext: plaintext.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
}
