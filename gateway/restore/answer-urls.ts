import type { IncomingHttpHeaders } from 'node:http';
import { type Edit, edit, JsonEditError, type JsonNode, parse, stringValue } from '@drawbridge/jsonedit';
import type { Step } from '@drawbridge/minimise';
import type { Connection } from '@drawbridge/protocol';

/** An answer that is held until it is whole, and written anew. */
export interface AnswerRewrite {
  /** A longer answer passes as it comes. Bytes. */
  limit: number;
  rewrite(body: Buffer): Buffer;
}

const LIMIT = 1024 * 1024;
const HOST = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * Leads addresses in an answer through the gateway: at these paths, where they are at the connection's own upstream. A
 * client that followed the vendor's own address would go past the contract, with a key that the vendor does not know.
 * `isTls`: the gateway itself was asked over TLS. Null where the client did not say which host it asked. An answer that is no JSON stays as it is.
 */
export function answerUrls(
  paths: readonly (readonly Step[])[],
  connection: Pick<Connection, 'slug' | 'upstream'>,
  headers: IncomingHttpHeaders,
  isTls: boolean,
): AnswerRewrite | null {
  const own = ownAddress(headers, isTls);
  if (own === null) return null;
  const { scheme, host, port } = connection.upstream;
  const vendor = new URL(`${scheme}://${host}:${port}`).origin;
  const through = (text: string): string | null => {
    if (!URL.canParse(text)) return null;
    const { origin, pathname, search, hash, username, password } = new URL(text);
    if (origin !== vendor || username !== '' || password !== '') return null;
    return `${own}/${connection.slug}${pathname}${search}${hash}`;
  };
  return {
    limit: LIMIT,
    rewrite(body) {
      try {
        const document = parse(body);
        const edits: Edit[] = [];
        for (const path of paths) {
          for (const node of nodesAt(document.root, path)) {
            if (node.kind !== 'string' && node.kind !== 'escaped') continue;
            const text = through(stringValue(document.text, node));
            if (text !== null) edits.push({ do: 'replace', node, json: JSON.stringify(text) });
          }
        }
        return edits.length === 0 ? body : Buffer.from(edit(document, edits));
      } catch (error) {
        if (error instanceof JsonEditError) return body;
        throw error;
      }
    },
  };
}

/** The gateway's address as this client knows it: it gets back only what it said itself, or what a proxy said for it. */
function ownAddress(headers: IncomingHttpHeaders, isTls: boolean): string | null {
  const host = firstOf(headers['x-forwarded-host']) ?? headers.host;
  if (host === undefined || !HOST.test(host)) return null;
  // What is asked over TLS is never led into the clear: the client would send its key there.
  const isSecure = isTls || firstOf(headers['x-forwarded-proto'])?.toLowerCase() === 'https';
  return `${isSecure ? 'https' : 'http'}://${host}`;
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return (Array.isArray(header) ? header[0] : header)?.split(',')[0]?.trim();
}

function nodesAt(root: JsonNode, path: readonly Step[]): JsonNode[] {
  let nodes: JsonNode[] = [root];
  for (const step of path) {
    nodes = nodes.flatMap((node) => {
      if (step.take === 'each') return node.elements ?? [];
      if (step.take !== 'name') return [];
      return (node.members ?? []).filter(({ name }) => name === step.name).map(({ value }) => value);
    });
  }
  return nodes;
}
