/** A text that was made to cost a scanner time. */
export interface Crafted {
  name: string;
  text: string;
}

const fill = (piece: string, length: number): string =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

/** Pieces that, repeated, make a scanner begin again and again, go back, hash, decode, or find something everywhere. */
const REPEATED: readonly [string, string][] = [
  ['one run of one letter', 'a'],
  ['one run of digits', '7'],
  ['a dash after each letter', 'a-'],
  ['prefixes in a row', 'sk-'],
  ['prefixes that nearly go on', 'sk-proj-sk-ant-api03-'],
  ['a common prefix and a run that is too long', 'ghp_'],
  ['tokens of a rule', 'ghp_0123456789abcdefABCDEF0123456789abcd '],
  ['a keyword and a value', 'key=Zx8Vb7Gh2kLp9Qw3NmT4rS '],
  ['a password and a value', 'password="k3ller,Treppe" '],
  ['keywords without a value', 'password=token=secret='],
  ['operators', '=:=:'],
  ['operators and quotes', '"key":"'],
  ['keywords before runs', 'datadog twilio pinecone mistral 0123456789abcdef0123456789abcdef '],
  ['keywords in words', 'secretpasswordtokenapikey'],
  ['URLs with a user', 'http://a:'],
  ['URLs with a user and a password', 'http://a:bcdef@'],
  ['at signs', '://@:@'],
  ['beginnings of keys', '-----BEGIN RSA PRIVATE KEY-----'],
  ['dashes', '-----'],
  ['beginnings of keys without a label', '-----BEGIN '],
  ['headers of tokens', 'eyJhbGciOiJIUzI1NiJ9.'],
  ['beginnings of headers', 'eyJ0.'],
  ['headers in one run', 'eyJhbGciOiJIUzI1NiJ9'],
  ['base64 of text', 'aGVsbG8gd29ybGQgaGVsbG8gd29ybGQg'],
  ['base64 with slashes', 'ab+/cd+/ef0/'],
  ['dots and letters', 'a.b.c.1.'],
  ['backslashes before letters', '\\n'],
  ['percent escapes', '%41'],
  ['percent escapes of percent', '%25'],
  ['unicode escapes', '\\u0041'],
  ['characters without width', 'a\u200b'],
  ['only characters without width', '\u200b'],
  ['full-width letters', 'ｓｋ－'],
  ['halves of pairs', '\ud83d'],
  ['mail addresses that never end', 'a@a.'],
  ['digits and letters', 'A1'],
  ['numbers like cards', '4111 1111 1111 1112 '],
  ['numbers and points', '1.2.3.4.'],
  ['colons and hex', 'ab:cd:'],
  ['short names', 'Ann Lee '],
  ['titles', 'Mr. '],
  ['line ends', '\n'],
];

/** The published list: each text has `length` UTF-16 units. */
export function crafted(length: number): Crafted[] {
  return REPEATED.map(([name, piece]) => ({ name, text: fill(piece, length) }));
}
