import { generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { compileRegister } from '../register.ts';
import type { Register, Resolver } from '../types.ts';

/** Mail, keys and a register that are made up: names of vendors stand for themselves, nothing here was ever sent. */

export const register: Register = {
  vendors: [
    {
      id: 'acme-ai',
      name: 'Acme AI',
      aliases: ['Acme'],
      domains: ['acme-ai.example', 'acmeai.com'],
      senders: [
        { is: 'tm.acmeai.com', class: 'vendor' },
        { is: 'noreply@acmeai.com', class: 'vendor' },
        { is: 'news.acmeai.com', class: 'marketing' },
        { is: 'pages.dev', class: 'vendor' },
      ],
    },
    {
      id: 'codehost',
      name: 'Codehost',
      aliases: [],
      domains: ['codehost.com'],
      senders: [
        { is: 'noreply@codehost.com', class: 'vendor' },
        { is: 'notifications@codehost.com', class: 'relayed' },
      ],
    },
    { id: 'front', name: 'Front', aliases: [], domains: ['frontapp.com'], senders: [] },
  ],
  trackers: ['ct.mailer.example', 'clicks.example'],
  shorteners: ['short.example'],
  sealers: ['bigmail.example'],
};
export const compiled = compileRegister(register);
export const now = new Date('2026-03-02T09:00:00Z');

const keys = new Map<string, { privateKey: string; record: string }>();
/** A key of a domain: made once, since RSA keys take their time. */
function keyOf(domain: string, bits: number): { privateKey: string; record: string } {
  const name = `${domain} ${bits}`;
  const known = keys.get(name);
  if (known !== undefined) return known;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const made = {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    record: `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
  };
  keys.set(name, made);
  return made;
}

/** DNS as it is told: TXT records by name; what is not told is not there. */
export function dns(records: Record<string, string>): Resolver {
  return async (name, type) => {
    const found = type === 'TXT' ? records[name.toLowerCase()] : undefined;
    if (found === undefined) throw Object.assign(new Error(`no ${type} of ${name}`), { code: 'ENOTFOUND' });
    return [[found]];
  };
}

export interface Given {
  from?: string;
  subject?: string;
  /** Whose key signs it; null: nobody. */
  signer?: string | null;
  bits?: number;
  algorithm?: string;
  headers?: readonly string[];
  text?: string;
  html?: string;
  parts?: readonly string[];
  /** The body bytes that the signature covers. */
  length?: number;
  dmarc?: string | null;
  expires?: Date;
  /** Header fields that the signature covers; else those that are usual. */
  covers?: readonly string[];
}

const CRLF = '\r\n';

/** A message with its DNS. Text is one part; HTML and others make it multipart. */
export async function mail(
  given: Given = {},
): Promise<{ raw: Buffer; resolver: Resolver; records: Record<string, string> }> {
  const {
    from = 'Acme AI <noreply@tm.acmeai.com>',
    subject = 'Your API usage limit was reached',
    signer = 'acmeai.com',
    bits = 1024,
    algorithm = 'rsa-sha256',
    headers = [],
    text = 'Your organisation reached its limit. Look at your dashboard.',
    html,
    parts = [],
    length,
    dmarc = 'v=DMARC1; p=reject',
    expires,
    covers,
  } = given;
  const boundary = 'made-up-boundary';
  const head = [
    `From: ${from}`,
    'To: Ada <ada@ours.example>',
    `Subject: ${subject}`,
    'Date: Mon, 02 Mar 2026 08:59:00 +0000',
    'Message-ID: <1@made-up.example>',
    'MIME-Version: 1.0',
    ...headers,
  ];
  const single = html === undefined && parts.length === 0;
  const body = single
    ? text
    : [
        `--${boundary}`,
        'Content-Type: text/plain; charset=utf-8',
        '',
        text,
        ...(html === undefined ? [] : [`--${boundary}`, 'Content-Type: text/html; charset=utf-8', '', html]),
        ...parts.flatMap((part) => [`--${boundary}`, part]),
        `--${boundary}--`,
        '',
      ].join(CRLF);
  const type = single ? 'text/plain; charset=utf-8' : `multipart/mixed; boundary="${boundary}"`;
  const unsigned = [...head, `Content-Type: ${type}`, '', body].join(CRLF);
  const fromDomain = /@([^>\s]+)>?\s*$/.exec(from)?.[1] ?? '';
  const organisation = fromDomain.split('.').slice(-2).join('.');
  const records: Record<string, string> = dmarc === null ? {} : { [`_dmarc.${organisation}`]: dmarc };
  if (signer === null) return { raw: Buffer.from(unsigned), resolver: dns(records), records };
  const key = keyOf(signer, bits);
  records[`s1._domainkey.${signer}`] = key.record;
  const signature = {
    signingDomain: signer,
    selector: 's1',
    privateKey: key.privateKey,
    algorithm,
    canonicalization: 'relaxed/relaxed',
    ...(length === undefined ? {} : { maxBodyLength: length }),
  };
  const { signatures, errors } = await dkimSign(Buffer.from(unsigned), {
    ...signature,
    signTime: new Date(now.getTime() - 60_000),
    ...(expires === undefined ? {} : { expires }),
    ...(covers === undefined ? {} : { headerList: [...covers] }),
    signatureData: [signature],
  });
  if (errors.length > 0) throw new Error(`The made-up mail could not be signed: ${errors[0]?.err?.message}`);
  return { raw: Buffer.from(`${signatures}${unsigned}`), resolver: dns(records), records };
}
