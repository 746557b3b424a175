import { EnvelopeError } from './error.ts';

/** The headers of one part of a multipart/form-data body (RFC 7578), as they came. */
export interface PartHead {
  /** All lines, without the empty one that ends them. */
  text: string;
  name: string;
  /** As it stands between the quotes; null: the part is no file. */
  fileName: string | null;
  /** Where the file name's value stands in `text`, quotes included. */
  fileNameAt: { start: number; end: number } | null;
  /** Where a length that the client states stands in `text`. */
  lengthAt: { start: number; end: number } | null;
}

const LONGEST_NAME = 200;
const MOST_LINES = 6;
const ENCODINGS = new Set(['7bit', '8bit', 'binary']);
const LINE = /^([A-Za-z][A-Za-z-]{0,40}):[ \t]*([^\r\n]*)$/;
const PARAMETER = /[ \t]*;[ \t]*([A-Za-z0-9*_-]{1,40})=("[^"\\]*"|[!#$%&'*+.^_`|~A-Za-z0-9-]+)/y;

/**
 * Reads a part's headers. Refused is all that servers are known to read in different ways: a parameter or header that
 * stands twice, `filename*`, escapes in quotes, folded lines, other transfer encodings. Throws EnvelopeError.
 */
export function readPartHead(text: string, contentLength: number): PartHead {
  if (hasControl(text)) throw bad('its headers hold control characters, or lines that do not end with CR LF');
  const lines = text.split('\r\n');
  if (lines.length > MOST_LINES) throw bad(`it has more than ${MOST_LINES} headers`);
  const seen = new Set<string>();
  let disposition: Disposition | null = null;
  let lengthAt: PartHead['lengthAt'] = null;
  let at = 0;
  for (const line of lines) {
    const [, header, value = ''] = LINE.exec(line) ?? [];
    if (header === undefined) throw bad('one of its lines is not a header, or is folded');
    const lower = header.toLowerCase();
    if (seen.has(lower)) throw bad(`it has two headers ${lower}`);
    seen.add(lower);
    const valueAt = at + line.length - value.length;
    if (lower === 'content-disposition') disposition = readDisposition(value, valueAt);
    else if (lower === 'content-length') {
      if (value !== String(contentLength)) throw bad('it does not have the length that it says');
      lengthAt = { start: valueAt, end: valueAt + value.length };
    } else checkHeader(lower, value);
    at += line.length + 2;
  }
  if (disposition === null) throw bad('it has no Content-Disposition');
  return { text, lengthAt, ...disposition };
}

function checkHeader(name: string, value: string): void {
  if (name === 'content-transfer-encoding') {
    if (!ENCODINGS.has(value.trim().toLowerCase())) throw bad('it has a transfer encoding');
  } else if (name === 'content-type') {
    if (/^multipart\//i.test(value)) throw bad('it holds parts itself');
    if (/charset="?(?!"|utf-?8)/i.test(value)) throw bad('its text is said not to be UTF-8');
  } else throw bad('it has a header that form parts do not have');
}

type Disposition = Pick<PartHead, 'name' | 'fileName' | 'fileNameAt'>;

function readDisposition(value: string, valueAt: number): Disposition {
  const [type] = /^form-data(?=[ \t]*(?:;|$))/i.exec(value) ?? [];
  if (type === undefined) throw bad('its Content-Disposition is not form-data');
  let name: string | null = null;
  let file: Pick<PartHead, 'fileName' | 'fileNameAt'> = { fileName: null, fileNameAt: null };
  let at = type.length;
  while (at < value.length) {
    PARAMETER.lastIndex = at;
    const [whole, parameter = '', raw = ''] = PARAMETER.exec(value) ?? [];
    if (whole === undefined) throw bad('its Content-Disposition can be read in different ways');
    at += whole.length;
    const text = raw.startsWith('"') ? raw.slice(1, -1) : raw;
    const lower = parameter.toLowerCase();
    if (lower === 'name' && name === null) name = text;
    else if (lower === 'filename' && file.fileName === null) {
      file = { fileName: text, fileNameAt: { start: valueAt + at - raw.length, end: valueAt + at } };
    } else {
      throw bad(
        lower === 'filename*'
          ? 'it says filename*, which servers read in different ways: say filename alone'
          : 'its Content-Disposition says something twice, or something that form parts do not have',
      );
    }
  }
  if (name === null || name === '' || name.length > LONGEST_NAME)
    throw bad('it has no name, or a very long one');
  // A form field of this name changes how some servers read all others.
  if (name === '_charset_') throw bad('it is named _charset_');
  return { name, ...file };
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0d && text.charCodeAt(at + 1) === 0x0a) at++;
    else if ((code < 0x20 && code !== 0x09) || code === 0x7f) return true;
  }
  return false;
}

/** The headers with another file name and with this length, where they said one. */
export function partHeadWith(head: PartHead, fileName: string | null, contentLength: number): string {
  const changes: { start: number; end: number; text: string }[] = [];
  if (head.fileNameAt !== null && fileName !== null && fileName !== head.fileName) {
    changes.push({ ...head.fileNameAt, text: `"${escaped(fileName)}"` });
  }
  if (head.lengthAt !== null) changes.push({ ...head.lengthAt, text: String(contentLength) });
  changes.sort((a, b) => b.start - a.start);
  let { text } = head;
  for (const { start, end, text: put } of changes) text = text.slice(0, start) + put + text.slice(end);
  return text;
}

/** As browsers write it (HTML, multipart/form-data encoding algorithm). A backslash would be an escape to some. */
function escaped(name: string): string {
  return name
    .replaceAll('"', '%22')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
    .replaceAll('\\', '_')
    .replace(/\p{Cc}/gu, '_');
}

/** Endings that say what a file is, and nothing about anyone. Servers tell the type by them. */
const ENDINGS = new Set(
  (
    'avif bmp c conf cpp cs css csv diff doc docx eml env epub flac gif go gz heic html htm ics ini ipynb java jpeg jpg js json jsonl log m4a md ' +
    'mjs mov mp3 mp4 mpeg mpga ndjson odt oga ogg opus pdf php png ppt pptx py rb rs rtf sh sql srt svg tar tex tiff toml ts tsv txt ' +
    'vcf vtt wav webm webp xls xlsx xml yaml yml zip'
  ).split(' '),
);

/**
 * The file name that stands for another: what was made of it, or `file`, with the ending of the one that came. Without
 * a name a part would be no file any more.
 */
export function standInName(original: string, treated: string | null): string {
  if (treated === original || original === '') return original;
  const ending = /\.([A-Za-z0-9]{1,6})$/.exec(original)?.[1]?.toLowerCase() ?? '';
  const name = treated ?? 'file';
  return !ENDINGS.has(ending) || name.toLowerCase().endsWith(`.${ending}`) ? name : `${name}.${ending}`;
}

export function bad(what: string): EnvelopeError {
  return new EnvelopeError('not_recognised', `a form with a part that can't be taken: ${what}`);
}
