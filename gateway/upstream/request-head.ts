import type { UpstreamRequest } from './sending.ts';

/** A request that could be read as two, or not at all. Nothing of it was sent. */
export class RequestError extends Error {
  readonly code = 'bad_request';
  constructor(what: string) {
    super(`The request can not be written as HTTP/1.1: ${what}.`);
    this.name = 'RequestError';
  }
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NOT_IN_PATH = /[^\x21-\x7e]/;
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** Names that were checked before: SDKs send the same few. Bounded. */
const checkedNames = new Set<string>();
const NAMES = 1000;

/**
 * Request line, headers and the empty line behind them, to be written in latin1. Host and length are set from what is
 * sent. Throws RequestError for what would not be one request to every reader, wherever it came from.
 */
export function requestHead(host: string, { method, path, headers, body }: UpstreamRequest): string {
  if (!TOKEN.test(method)) throw new RequestError('its method is not a token');
  if (NOT_IN_PATH.test(path)) throw new RequestError('its path holds a character that must be encoded');
  let head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n`;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1] ?? '';
    if (!checkedNames.has(name)) {
      if (!TOKEN.test(name)) throw new RequestError('a header has no proper name');
      if (checkedNames.size < NAMES) checkedNames.add(name);
    }
    if (NOT_IN_VALUE.test(value)) throw new RequestError('a header holds a control character');
    head += `${name}: ${value}\r\n`;
  }
  if (body !== null) head += `Content-Length: ${body.length}\r\n`;
  else if (WITH_BODY.has(method)) head += 'Content-Length: 0\r\n';
  return `${head}\r\n`;
}
