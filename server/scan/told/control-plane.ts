import { readFile } from 'node:fs/promises';
import { ScanError } from '../errors.ts';
import { plainText } from './source.ts';

const WAIT_MS = 60_000;
const LONGEST_SAID = 1_000;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Where findings are reported to. */
export interface ControlPlane {
  origin: string;
  /** Throws ScanError `report_refused` with the control plane's own words, `report_failed` where it did not answer. */
  call<T>(path: string, body: unknown): Promise<T>;
}

/**
 * `url`: of the console. The token is in `tokenFile`, or in the variable DRAWBRIDGE_TOKEN. Throws ScanError `bad_option`.
 */
export async function controlPlaneAt(url: string, tokenFile: string | undefined): Promise<ControlPlane> {
  const base = baseOf(url);
  const token = await tokenOf(tokenFile);
  return {
    origin: base.origin,
    async call<T>(path: string, body: unknown): Promise<T> {
      let answer: Response;
      let text: string;
      try {
        answer = await fetch(new URL(`api/v1${path}`, base), {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'x-drawbridge-reason': 'drawbridge scan --report',
          },
          body: JSON.stringify(body),
          // The token is for this address and no other.
          redirect: 'error',
          signal: AbortSignal.timeout(WAIT_MS),
        });
        text = await answer.text();
      } catch (error) {
        throw new ScanError('report_failed', `${base.origin} does not answer: ${reasonOf(error)}`);
      }
      const said = jsonOf(text);
      if (answer.ok && said === undefined) throw noControlPlane(base.origin);
      if (answer.ok) return said as T;
      throw new ScanError(
        'report_refused',
        `${base.origin} refused the report: ${saidBy(said, answer.status)}`,
      );
    },
  };
}

function baseOf(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '') {
    throw new ScanError(
      'bad_option',
      '--report takes the address of the console, such as https://drawbridge.example',
    );
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw new ScanError('bad_option', `--report ${url.origin} would send the token in clear: use https`);
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  url.hash = '';
  return url;
}

async function tokenOf(file: string | undefined): Promise<string> {
  const text = (file === undefined ? (process.env.DRAWBRIDGE_TOKEN ?? '') : await contentOf(file)).trim();
  if (/^[\x21-\x7e]{1,500}$/.test(text)) return text;
  throw new ScanError(
    'bad_option',
    '--report needs an API token that may report scans: in DRAWBRIDGE_TOKEN, or in a file with --token-file',
  );
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ScanError('bad_option', `--token-file ${file} can't be read: ${reasonOf(error)}`);
  }
}

/** Who answers as no control plane does. */
export const noControlPlane = (origin: string): ScanError =>
  new ScanError(
    'report_refused',
    `${origin} answers as no control plane does. Is it the address of the console?`,
  );

/** Undefined: it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function saidBy(said: unknown, status: number): string {
  const detail = typeof said === 'object' && said !== null && 'detail' in said ? said.detail : undefined;
  // It is shown on a terminal.
  if (typeof detail === 'string') return plainText(detail.slice(0, LONGEST_SAID));
  return `status ${status}, and nothing that a control plane says. Is it the address of the console?`;
}

const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error) return cause.message;
  return error instanceof Error ? error.message : String(error);
};
