/** One way in which bytes may stand in a file, and the bytes that then stand there. */
export interface Trace {
  how: string;
  bytes: Buffer;
}

/**
 * The traces that `value` leaves where it was written plainly, in base64 (both alphabets, at every alignment within
 * longer text), in hex, percent-encoded, in a JSON string, or in UTF-16; each also in upper and lower case.
 */
export function tracesOf(value: string | Buffer): Trace[] {
  const traces = typeof value === 'string' ? tracesOfText(value) : tracesOfBytes('bytes', value);
  const first = new Map<string, Trace>();
  for (const trace of traces) {
    const bytes = trace.bytes.toString('latin1');
    if (!first.has(bytes)) first.set(bytes, trace);
  }
  return [...first.values()];
}

function tracesOfText(text: string): Trace[] {
  const spellings: [string, string][] = [
    ['plain', text],
    ['lower case', text.toLowerCase()],
    ['upper case', text.toUpperCase()],
  ];
  return spellings.flatMap(([how, spelling]) => [
    ...tracesOfBytes(how, Buffer.from(spelling, 'utf8')),
    { how: `${how}, UTF-16`, bytes: Buffer.from(spelling, 'utf16le') },
    { how: `${how}, latin1`, bytes: Buffer.from(spelling, 'latin1') },
    ...jsonSpellings(spelling).map((json) => ({ how: `${how}, JSON`, bytes: Buffer.from(json) })),
    ...percentSpellings(spelling).map((escaped) => ({ how: `${how}, percent`, bytes: Buffer.from(escaped) })),
  ]);
}

function tracesOfBytes(how: string, bytes: Buffer): Trace[] {
  const hex = bytes.toString('hex');
  return [
    { how, bytes },
    { how: `${how}, hex`, bytes: Buffer.from(hex) },
    { how: `${how}, hex`, bytes: Buffer.from(hex.toUpperCase()) },
    ...[0, 1, 2].flatMap((before) => base64At(how, bytes, before)),
  ];
}

/** The characters of base64 that `bytes` alone decide when `before` other bytes stand in front of them. */
function base64At(how: string, bytes: Buffer, before: number): Trace[] {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor(((before + bytes.length) * 8) / 6);
  const core = whole.slice(first, last);
  const url = core.replaceAll('+', '-').replaceAll('/', '_');
  const inForm = core.replaceAll('+', '%2B').replaceAll('/', '%2F');
  return [
    { how: `${how}, base64`, bytes: Buffer.from(core) },
    { how: `${how}, base64url`, bytes: Buffer.from(url) },
    { how: `${how}, base64 in a form`, bytes: Buffer.from(inForm) },
  ];
}

function jsonSpellings(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const ascii = plain.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [plain, ascii, ascii.replaceAll('/', '\\/')];
}

/** The usual ones; other mixtures are found by decoding, see `search`. */
function percentSpellings(text: string): string[] {
  const every = [...Buffer.from(text, 'utf8')]
    .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
    .join('');
  const usual = encodeURIComponent(text);
  return [usual, usual.replaceAll('%20', '+'), every, every.toUpperCase()];
}
