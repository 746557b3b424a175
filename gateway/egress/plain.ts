import { request as ask, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { EgressEnd } from '@drawbridge/protocol';
import { sendAnswer } from '../answer.ts';
import { plainProblem, Refusal } from '../refusal/index.ts';
import type { Ask } from './ask.ts';
import { type Running, Stillness } from './running.ts';

/** Speak of this one hop (RFC 9110, 7.6.1), or are set anew. */
const ofThisHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** Raw header pairs without those of this hop, of those that Connection names, and of `also`. */
export function endToEnd(raw: readonly string[], also: ReadonlySet<string> = new Set()): string[] {
  const named = new Set<string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (raw[i]?.toLowerCase() !== 'connection') continue;
    for (const option of raw[i + 1]?.toLowerCase().split(',') ?? []) named.add(option.trim());
  }
  const out: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', value = ''] = [raw[i], raw[i + 1]];
    const lower = name.toLowerCase();
    const isFramed = lower === 'content-length';
    if (!isFramed && (ofThisHop.has(lower) || named.has(lower) || also.has(lower))) continue;
    if (!lower.startsWith('x-drawbridge-')) out.push(name, value);
  }
  return out;
}

export interface PlainOptions {
  /** This proxy's name in Via. */
  via: string;
  /** Raw header pairs of ours for the answer. */
  added: readonly string[];
  idleMs: number;
}

const remade = new Set(['host', 'expect']);

/** Sends a plain request over an open connection, and its answer back: both bodies as they come, neither looked at. */
export function runPlain(
  asked: Ask,
  request: IncomingMessage,
  response: ServerResponse,
  remote: Socket,
  { via, added, idleMs }: PlainOptions,
): Running {
  const still = new Stillness([request.socket, remote], idleMs);
  const sentBefore = remote.bytesWritten;
  const receivedBefore = remote.bytesRead;
  const done = Promise.withResolvers<Awaited<Running['done']>>();
  let ended: EgressEnd | null = null;
  let refusal: Refusal | null = null;
  let status: number | null = null;
  let isOver = false;

  function over(who: EgressEnd): void {
    if (isOver) return;
    isOver = true;
    remote.destroy();
    done.resolve({
      ended: ended ?? who,
      status,
      sent: remote.bytesWritten - sentBefore,
      received: remote.bytesRead - receivedBefore,
      sni: null,
      reason: refusal?.code ?? null,
    });
  }
  function fail(why: Refusal): void {
    refusal ??= why;
    if (response.headersSent) response.destroy();
    else sendAnswer(request, response, plainProblem(why), added);
  }

  function broken(): void {
    if (isOver) return;
    ended ??= 'remote';
    fail(
      new Refusal(
        'upstream_unreachable',
        'forward',
        'The host broke the exchange off, or did not answer in HTTP/1.1.',
      ),
    );
    over('remote');
  }

  const outgoing = sendOn(asked, request, remote, via);
  outgoing.on('response', (answer) => {
    const { statusCode = 0 } = answer;
    // What the parser lets through and no server may say: writing it would throw.
    if (statusCode < 200) return broken();
    status = statusCode;
    const theirs = answer.headers.via;
    const headers = endToEnd(answer.rawHeaders, new Set(['via']));
    headers.push('Via', theirs === undefined ? `1.1 ${via}` : `${theirs}, 1.1 ${via}`, ...added);
    response.writeHead(statusCode, headers);
    answer.pipe(response);
    answer.on('error', () => {
      response.destroy();
      over('remote');
    });
  });
  outgoing.on('error', broken);
  // Nobody asked for one; unheard, it would end in silence.
  outgoing.on('upgrade', broken);
  request.on('error', () => outgoing.destroy());
  response.on('finish', () => {
    // An answer before the request was read to its end: what is still to come is nobody's.
    if (!request.complete) request.destroy();
    over('remote');
  });
  response.on('close', () => {
    if (!response.writableFinished) {
      ended ??= 'client';
      outgoing.destroy();
    }
    over('client');
  });
  if (request.headers.expect !== undefined) response.writeContinue();
  request.pipe(outgoing);

  function breakOff(): void {
    outgoing.destroy();
    if (response.headersSent) response.destroy();
    over('cut');
  }
  return {
    done: done.promise,
    cut(why) {
      if (isOver) return;
      ended = 'cut';
      fail(why);
      breakOff();
    },
    stop(why) {
      if (isOver) return;
      ended = why;
      if (why === 'idle' && !response.headersSent) {
        sendAnswer(
          request,
          response,
          plainProblem(
            new Refusal('upstream_timeout', 'forward', 'Nothing came from the host for too long.'),
          ),
          added,
        );
      }
      breakOff();
    },
    tick(at) {
      if (still.isOver(at)) this.stop('idle');
    },
  };
}

function sendOn(
  { target, method, path }: Ask,
  request: IncomingMessage,
  remote: Socket,
  via: string,
): ClientRequest {
  const { headers } = request;
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const sent = ['Host', target.port === 80 ? host : `${host}:${target.port}`];
  sent.push(...endToEnd(request.rawHeaders, new Set([...remade, 'via'])));
  sent.push('Via', headers.via === undefined ? `1.1 ${via}` : `${headers.via}, 1.1 ${via}`);
  const isChunked = headers['transfer-encoding'] !== undefined;
  if (isChunked) sent.push('Transfer-Encoding', 'chunked');
  else if (headers['content-length'] === undefined && method !== 'GET' && method !== 'HEAD')
    sent.push('Content-Length', '0');
  sent.push('Connection', 'close');
  return ask({
    createConnection: () => remote,
    method,
    path,
    headers: sent,
    setHost: false,
    maxHeaderSize: 64 * 1024,
  });
}
