import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { Envelope, Resolver } from '@drawbridge/authenticity';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';

/**
 * Mail that is made up: names of vendors stand for themselves, nothing here was ever sent by anybody. The same on every machine, also
 * its signatures: one Ed25519 key (RFC 8463) of a known seed signs for everybody who signs rightly, another for those who only say so.
 */
export const RECEIVED = new Date('2026-03-02T09:00:00Z');
export const OURS = 'ada@ours.example';

const CRLF = '\r\n';
const ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const keyOf = (seed: number) => {
  const key = createPrivateKey({
    key: Buffer.concat([ED25519, Buffer.alloc(32, seed)]),
    format: 'der',
    type: 'pkcs8',
  });
  const raw = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-32);
  return {
    pem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    record: `v=DKIM1; k=ed25519; p=${raw.toString('base64')}`,
  };
};
const rightful = keyOf(7);
const stranger = keyOf(8);

export interface Signer {
  domain: string;
  /** Signed with another key than the one that the domain publishes. */
  wrongly?: boolean;
  expires?: Date;
  /** Bytes of the body that are covered. */
  length?: number;
  /** When it was signed; else a minute before receipt. */
  at?: Date;
}

export interface Letter {
  from: string;
  subject: string;
  text: string;
  html?: string;
  to?: string;
  headers?: readonly string[];
  /** Whole parts, with their headers. */
  parts?: readonly string[];
  signers?: readonly Signer[];
  /** Put behind the body after it was signed. */
  after?: string;
  /** Put before the headers after it was signed. */
  before?: readonly string[];
  envelope?: Envelope;
}

export interface Crafted {
  /** Of which kind it is: a notice's topic, a phish's technique. */
  kind: string;
  vendor: string;
  raw: Buffer;
  envelope: Envelope | null;
}

/** A sequence of numbers that is the same each time. */
export function sequence(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/**
 * DNS as recorded: every domain publishes the rightful key under every selector, and what it wants done with mail that is not proven;
 * strangers' names publish a policy that wants nothing.
 */
export function recordedDns(strict: ReadonlySet<string>): Resolver {
  return async (name, type) => {
    const host = name.toLowerCase();
    const missing = () => Object.assign(new Error(`no ${type} of ${name}`), { code: 'ENOTFOUND' });
    if (type !== 'TXT') throw missing();
    if (host.includes('._domainkey.')) return [[rightful.record]];
    if (host.startsWith('_dmarc.'))
      return [[`v=DMARC1; p=${strict.has(host.slice('_dmarc.'.length)) ? 'reject' : 'none'}`]];
    throw missing();
  };
}

export async function craft(kind: string, vendor: string, letter: Letter, number: number): Promise<Crafted> {
  const { from, subject, text, html, to = `Ada Example <${OURS}>`, headers = [], parts = [] } = letter;
  const boundary = `=_made_up_${number}`;
  const alternative = `=_made_up_text_${number}`;
  const texts =
    html === undefined
      ? ['Content-Type: text/plain; charset=utf-8', '', text]
      : [
          `Content-Type: multipart/alternative; boundary="${alternative}"`,
          '',
          `--${alternative}`,
          'Content-Type: text/plain; charset=utf-8',
          '',
          text,
          `--${alternative}`,
          'Content-Type: text/html; charset=utf-8',
          '',
          html,
          `--${alternative}--`,
        ];
  const whole =
    parts.length === 0
      ? texts
      : [
          `Content-Type: multipart/mixed; boundary="${boundary}"`,
          '',
          `--${boundary}`,
          ...texts,
          ...parts.flatMap((part) => [`--${boundary}`, part]),
          `--${boundary}--`,
          '',
        ];
  const unsigned = [
    ...headers,
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    'Date: Mon, 02 Mar 2026 08:59:00 +0000',
    `Message-ID: <${number}@made-up.example>`,
    'MIME-Version: 1.0',
    ...whole,
  ].join(CRLF);
  let signed = '';
  for (const signer of letter.signers ?? []) {
    const signature = {
      signingDomain: signer.domain,
      selector: 's1',
      privateKey: (signer.wrongly === true ? stranger : rightful).pem,
      canonicalization: 'relaxed/relaxed',
      ...(signer.length === undefined ? {} : { maxBodyLength: signer.length }),
    };
    const { signatures, errors } = await dkimSign(Buffer.from(unsigned), {
      ...signature,
      signTime: signer.at ?? new Date(RECEIVED.getTime() - 60_000),
      ...(signer.expires === undefined ? {} : { expires: signer.expires }),
      signatureData: [signature],
    });
    if (errors.length > 0) throw new Error(`${kind} of ${vendor} could not be signed`);
    signed += signatures;
  }
  const before = (letter.before ?? []).map((one) => `${one}${CRLF}`).join('');
  return {
    kind,
    vendor,
    raw: Buffer.from(`${before}${signed}${unsigned}${letter.after ?? ''}`),
    envelope: letter.envelope ?? null,
  };
}
