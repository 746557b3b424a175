import { createRequire } from 'node:module';
import type { FieldsData as Fields } from '@kenjiuno/msgreader';
import { Problem } from '../platform/index.ts';
import { wrongCompound } from './compound.ts';

const MOST_ATTACHMENTS = 50;
const LONGEST_HEADERS = 256 * 1024;
const LONGEST_TEXT = 2_000_000;
const MOST_RECIPIENTS = 200;

/** The library, as much of it as is used: how its default is found differs between Node and bundlers. */
type Reader = new (
  bytes: ArrayBuffer,
) => { getFileData(): Fields; getAttachment(one: Fields): { content: Uint8Array } };

const wrong = (text: string): Problem =>
  new Problem(
    422,
    'unreadable_file',
    `The file ${text}. Save the message anew, or forward it as an attachment.`,
  );

/**
 * A mail made of what an Outlook file keeps. Outlook keeps the parts, not the message as it was sent: no signature over it can be
 * checked any more. Throws Problem 422 `unreadable_file`.
 */
export function mailOfMsg(file: Buffer): Buffer {
  const broken = wrongCompound(file);
  if (broken !== null) throw wrong(broken);
  try {
    return rebuilt(file);
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (error instanceof Error) throw wrong('can not be read');
    throw error;
  }
}

function rebuilt(file: Buffer): Buffer {
  // Loaded when the first file comes; its tables are large.
  const module = createRequire(import.meta.url)('@kenjiuno/msgreader') as { default: Reader };
  const bytes = new Uint8Array(file);
  const reader = new module.default(bytes.buffer);
  const fields = reader.getFileData();
  if (fields.error !== undefined || fields.dataType !== 'msg') throw wrong('holds no message');
  if (!/^(IPM\.Note|REPORT\.|IPM\.Schedule|$)/i.test(fields.messageClass ?? ''))
    throw wrong('is another thing of Outlook than a mail');
  const boundary = '=_drawbridge_rebuilt';
  const parts: string[] = [textPart('text/plain', fields.body ?? '')];
  const html = htmlOf(fields);
  if (html !== '') parts.push(textPart('text/html', html));
  const attachments = fields.attachments ?? [];
  if (attachments.length > MOST_ATTACHMENTS) throw wrong(`has more than ${MOST_ATTACHMENTS} attachments`);
  let left = file.length;
  for (const one of attachments) {
    const isMessage = one.innerMsgContent === true;
    const { content } = isMessage ? { content: new Uint8Array(0) } : reader.getAttachment(one);
    left -= content.length;
    if (left < 0) throw wrong('promises more than it holds');
    const name = oneLine(one.fileName ?? one.name ?? 'attachment', 200);
    const type = /^[a-z0-9.+-]{1,60}\/[a-z0-9.+-]{1,80}$/i.test(one.attachMimeTag ?? '')
      ? (one.attachMimeTag ?? '')
      : 'application/octet-stream';
    parts.push(
      [
        // A message within is named, and not read: its own file can be handed in.
        `Content-Type: ${/^(message|multipart)\//i.test(type) ? 'application/octet-stream' : type}`,
        'Content-Transfer-Encoding: base64',
        `Content-Disposition: attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
        '',
        folded(Buffer.from(content)),
      ].join('\r\n'),
    );
  }
  const kind = `Content-Type: multipart/mixed; boundary="${boundary}"`;
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('');
  return Buffer.from(
    `${headersOf(fields)}MIME-Version: 1.0\r\n${kind}\r\n\r\n${body}--${boundary}--\r\n`,
    'utf8',
  );
}

/** Those that it came with, without what tells of a body that is no more; else what Outlook knows of sender and recipients. */
function headersOf(fields: Fields): string {
  const kept = (fields.headers ?? '').slice(0, LONGEST_HEADERS).replaceAll('\0', '');
  if (/^from\s*:/im.test(kept)) {
    const [head = ''] = kept.split(/\r?\n\r?\n/);
    const lines = head
      .split(/\r\n|\r|\n/)
      .reduce<string[]>((found, text) => {
        const last = found.length - 1;
        if (/^[ \t]/.test(text) && last >= 0) found[last] += `\r\n${text}`;
        else found.push(text);
        return found;
      }, [])
      .filter((text) => /^[!-9;-~]+[ \t]*:/.test(text) && !/^(content-|mime-version)/i.test(text));
    return lines.map((text) => `${text}\r\n`).join('');
  }
  const from = addressed(fields.senderName, fields.senderSmtpAddress ?? fields.senderEmail);
  const to = (fields.recipients ?? [])
    .slice(0, MOST_RECIPIENTS)
    .map((one) => addressed(one.name, one.smtpAddress ?? one.email));
  const date = Date.parse(fields.messageDeliveryTime ?? fields.clientSubmitTime ?? '');
  return [
    `From: ${from}`,
    ...(to.length === 0 ? [] : [`To: ${to.join(',\r\n ')}`]),
    `Subject: ${encoded(oneLine(fields.subject ?? '', 2_000))}`,
    ...(Number.isNaN(date) ? [] : [`Date: ${new Date(date).toUTCString().replace('GMT', '+0000')}`]),
  ]
    .map((text) => `${text}\r\n`)
    .join('');
}

function addressed(name: string | undefined, address: string | undefined): string {
  const plain = oneLine(address ?? '', 254).replaceAll(/[<>\s,;"]/g, '');
  const shown = oneLine(name ?? '', 200);
  // Outlook's inner addresses ("/o=…/cn=…") are no mail addresses.
  if (!plain.includes('@')) return `${encoded(shown === '' ? 'unknown' : shown)} <unknown@unknown.invalid>`;
  return shown === '' ? `<${plain}>` : `${encoded(shown)} <${plain}>`;
}

/** As encoded words (RFC 2047), each of whole characters. */
function encoded(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const letter of text) {
    if (Buffer.byteLength(word + letter) > 42) {
      words.push(word);
      word = '';
    }
    word += letter;
  }
  words.push(word);
  return words.map((part) => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`).join('\r\n ');
}

function htmlOf(fields: Fields): string {
  if (typeof fields.bodyHtml === 'string' && fields.bodyHtml !== '') return fields.bodyHtml;
  return fields.html instanceof Uint8Array ? Buffer.from(fields.html).toString('utf8') : '';
}

const textPart = (type: string, text: string): string =>
  [
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: base64',
    '',
    folded(Buffer.from(text.slice(0, LONGEST_TEXT))),
  ].join('\r\n');

const folded = (bytes: Buffer): string => bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n');

const oneLine = (text: string, most: number): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, most)
    .toWellFormed();
