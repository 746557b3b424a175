import type { AnswerRestore } from '../restore/index.ts';
import { answerIds, isJson } from './answer-ids.ts';
import type { CompiledHistory } from './rules.ts';

const nothing = Buffer.alloc(0);
const LINES = 'application/jsonl';

/**
 * What an answer goes through where ids in it are to be known again. They are read from the vendor's own bytes, and told
 * before these go on. `restore`: what puts tokens back; null: nobody does. `tell`: null where no id is wanted.
 */
export function knownAnswer(
  restore: AnswerRestore | null,
  { gives, isLines }: CompiledHistory,
  tell: ((id: string) => void) | null,
): AnswerRestore {
  return {
    counts: restore?.counts ?? null,
    text: restore?.text ?? null,
    begin(headers) {
      const { type, isPacked } = contentOf(headers);
      const ids = tell === null || isPacked ? null : answerIds(type, gives, tell);
      const isRelabelled = isLines && !isJson(type) && restore !== null && restore.counts !== null;
      const body =
        restore === null ? null : isRelabelled ? beginAsLines(restore, headers) : restore.begin(headers);
      if (ids === null) return body;
      return {
        push(chunk) {
          ids.push(chunk);
          return body === null ? chunk : body.push(chunk);
        },
        end: () => (body === null ? nothing : body.end()),
      };
    },
  };
}

/** Vendors label a file as bytes of any kind, lines of JSON as well. The app gets the label that the vendor gave. */
function beginAsLines(restore: AnswerRestore, headers: string[]): ReturnType<AnswerRestore['begin']> {
  const at = typeAt(headers);
  if (at < 0) {
    const labelled = [...headers, 'Content-Type', LINES];
    const body = restore.begin(labelled);
    labelled.splice(typeAt(labelled), 2);
    headers.splice(0, headers.length, ...labelled);
    return body;
  }
  const given = headers[at + 1] ?? '';
  headers[at + 1] = LINES;
  try {
    return restore.begin(headers);
  } finally {
    headers[typeAt(headers) + 1] = given;
  }
}

function typeAt(headers: readonly string[]): number {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() === 'content-type') return at;
  }
  return -1;
}

function contentOf(headers: readonly string[]): { type: string; isPacked: boolean } {
  const at = typeAt(headers);
  const type = at < 0 ? '' : (headers[at + 1] ?? '').trim().toLowerCase().split(';')[0]?.trim();
  let isPacked = false;
  for (let each = 0; each + 1 < headers.length; each += 2) {
    if (headers[each]?.toLowerCase() !== 'content-encoding') continue;
    const coding = (headers[each + 1] ?? '').trim().toLowerCase();
    isPacked ||= coding !== '' && coding !== 'identity';
  }
  return { type: type ?? '', isPacked };
}
