import { z } from '@hono/zod-openapi';
import { OutboundError } from '../platform/index.ts';
import { type Clients, WrongIssuerError } from './client.ts';
import type { IssuerRow } from './issuers.ts';

const faults = [
  'private_address',
  'timeout',
  'no_such_host',
  'refused',
  'certificate',
  'unreachable',
  'wrong_issuer',
  'no_issuer',
] as const;
type Fault = (typeof faults)[number];

export const IssuerCheckSchema = z
  .object({
    reached: z.boolean(),
    code: z.enum(faults).nullable().openapi({ description: 'What is wrong; null: nothing' }),
    text: z.string().nullable().openapi({ description: 'What is wrong, and what to do' }),
    acr: z.array(z.string()).openapi({ description: 'The values of `acr` that it says it can prove' }),
  })
  .openapi('IssuerCheck');
export type IssuerCheck = z.infer<typeof IssuerCheckSchema>;

const MOST_ACR = 50;

/** Asks an issuer what it says of itself, now, as a sign-in does at its beginning. Never throws for what is wrong there. */
export async function checkIssuer(clients: Clients, row: IssuerRow): Promise<IssuerCheck> {
  try {
    const { acr_values_supported: said = [] } = (await clients.anew(row)).serverMetadata();
    return { reached: true, code: null, text: null, acr: said.slice(0, MOST_ACR) };
  } catch (error) {
    const code = faultOf(error);
    return { reached: false, code, text: textOf(code, row), acr: [] };
  }
}

/** The library wraps what went wrong below it. */
function faultOf(error: unknown): Fault {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof WrongIssuerError) return 'wrong_issuer';
    if (at instanceof OutboundError && at.code === 'unreachable') return faultOfSocket(at.cause);
    if (at instanceof OutboundError) return at.code === 'too_large' ? 'no_issuer' : at.code;
    if ('code' in at && at.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') return 'wrong_issuer';
  }
  // It answered, with something that describes no issuer.
  return 'no_issuer';
}

function faultOfSocket(cause: unknown): Fault {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'no_such_host';
  if (code === 'ECONNREFUSED') return 'refused';
  return /CERT|SIGNATURE|^ERR_TLS/.test(code) ? 'certificate' : 'unreachable';
}

function textOf(code: Fault, { issuer }: IssuerRow): string {
  const host = new URL(issuer).host;
  switch (code) {
    case 'private_address':
      return `${host} is in a private network. If that is meant, say so in this entry.`;
    case 'timeout':
      return `${host} did not answer in time. Look whether a firewall keeps this machine from it.`;
    case 'no_such_host':
      return `The name ${host} is not known here. Compare it with what the issuer says, or mend the name service of this machine.`;
    case 'refused':
      return `Nothing listens at ${host}. Compare host and port with what the issuer says.`;
    case 'certificate':
      return `The certificate of ${host} is not one that is believed here. If an authority of your own vouches for it, name it in DRAWBRIDGE_ISSUER_CA.`;
    case 'unreachable':
      return `${host} could not be reached, or broke off. Look whether this machine may connect to it.`;
    case 'wrong_issuer':
      return `What answers there calls itself by another name than ${issuer}. Enter it exactly as it names itself, tenant and closing stroke included.`;
    case 'no_issuer':
      return `${issuer}/.well-known/openid-configuration describes no OpenID Connect issuer. Compare the address with what the issuer says.`;
  }
}
