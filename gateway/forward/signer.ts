import type { AuthPlacement, Connection, Service } from '@drawbridge/protocol';
import { type Sigv4Credentials, Sigv4Signer } from '@drawbridge/sigv4';
import type { Minimised } from '../crossing.ts';
import { requestHeaders } from './request-headers.ts';

/** Proves to a vendor who asks, where that is no key put into the request but a signature over all of it. */
export interface Signer {
  /** The request as it is to be sent: the last step before it goes out. `now`: milliseconds since 1970. */
  sign(request: Minimised, now: number): Minimised;
}

export type SignaturePlacement = Extract<AuthPlacement, { in: 'signature' }>;

/** The signature that a service wants; null where a key is put into the request. */
export function signatureOf(service: Service): SignaturePlacement | null {
  return service.auth.find((placement) => placement.in === 'signature') ?? null;
}

/**
 * The signer of a connection; null when this build does not know the scheme, or the credential is not in its form.
 * `credential`: what was entered, in clear.
 */
export function signerOf(
  placement: SignaturePlacement,
  config: Connection,
  credential: string,
): Signer | 'signer_not_supported' | 'credential_unusable' {
  if (placement.scheme !== 'aws-sigv4') return 'signer_not_supported';
  const [accessKeyId, secretAccessKey, sessionToken, ...others] = credential.split(':');
  if (!accessKeyId || !secretAccessKey || others.length > 0) return 'credential_unusable';
  const { region, upstream } = config;
  const { service } = placement;
  return new AwsSigner({ accessKeyId, secretAccessKey, sessionToken, region, service }, hostOf(upstream));
}

/** As the Host header has it. */
function hostOf({ scheme, host, port }: Connection['upstream']): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === (scheme === 'https' ? 443 : 80) ? name : `${name}:${port}`;
}

/** Headers that are signed beside the host and the date: what says how the body is to be read. Others may be changed on the way. */
const SIGNED = new Set(['content-type']);

/** What says who signed, and when: of a client's own, one would be taken for ours, or cross as a credential. */
const OURS = /^(?:authorization|x-amz-(?:date|security-token|content-sha256))$/i;

class AwsSigner implements Signer {
  readonly #signer: Sigv4Signer;
  readonly #host: string;

  constructor(credentials: Sigv4Credentials, host: string) {
    this.#signer = new Sigv4Signer(credentials);
    this.#host = host;
  }

  sign(request: Minimised, now: number): Minimised {
    const headers = withoutOurs(requestHeaders(request.headers));
    const signed: [string, string][] = [];
    for (let at = 0; at + 1 < headers.length; at += 2) {
      const [name, value] = [headers[at] ?? '', headers[at + 1] ?? ''];
      if (SIGNED.has(name.toLowerCase())) signed.push([name, value]);
    }
    const { method, path, query, body } = request;
    const added = this.#signer.sign({ method, host: this.#host, path, query, headers: signed, body }, now);
    return { ...request, headers: [...headers, ...added.flat()] };
  }
}

function withoutOurs(headers: readonly string[]): string[] {
  const out: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name, value] = [headers[at] ?? '', headers[at + 1] ?? ''];
    if (!OURS.test(name)) out.push(name, value);
  }
  return out;
}
