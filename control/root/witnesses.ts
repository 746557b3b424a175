import { isIP } from 'node:net';
import { type CosignatureVerifier, cosignatureVerifier, TlogError } from '@drawbridge/tlog';
import { z } from '@hono/zod-openapi';
import type { Setting } from '../platform/index.ts';

/** More than a note has room for would be refused anyway, and each is asked each time. */
const MOST_WITNESSES = 32;

function wrongUrl(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return 'is no address; for example https://witness.partner.example';
  const isHere = url.hostname === 'localhost' || url.hostname === '[::1]' || url.hostname.startsWith('127.');
  // A tunnel's or a proxy's end on this machine. Beyond it, who is in between could keep cosignatures from us.
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere && isAddress(url.hostname)))
    return 'is not an https:// address';
  if (url.username !== '' || url.password !== '') return 'holds a password, which a witness has no use for';
  return url.hash === '' && url.search === '' ? null : 'has a query or a fragment; give the prefix only';
}

const isAddress = (host: string): boolean => host === 'localhost' || isIP(host.replace(/^\[|\]$/g, '')) !== 0;

function wrongKey(text: string): string | null {
  try {
    cosignatureVerifier(text);
    return null;
  } catch (error) {
    if (error instanceof TlogError) return error.message;
    throw error;
  }
}

const WitnessSchema = z.strictObject({
  key: z
    .string()
    .max(500)
    .superRefine((text, context) => {
      const message = wrongKey(text);
      if (message !== null) context.addIssue({ code: 'custom', message });
    })
    .openapi({
      description: 'The witness’s verifier key',
      example: 'witness.partner.example/w1+0123abcd+BA…',
    }),
  url: z
    .string()
    .max(2000)
    .superRefine((text, context) => {
      const message = wrongUrl(text);
      if (message !== null) context.addIssue({ code: 'custom', message });
    })
    .openapi({
      description: '`/add-checkpoint` is put behind it',
      example: 'https://witness.partner.example',
    }),
  private: z.boolean().default(false).openapi({ description: 'The witness is in a private network' }),
});
export type WitnessSetting = z.infer<typeof WitnessSchema>;

/** Who is asked to cosign the root log, and how many have to. */
export const WitnessesSchema = z
  .strictObject({
    required: z.int().min(0).openapi({
      description:
        'So many have to cosign a checkpoint before it is published; 0: it is published without, too',
    }),
    witnesses: z.array(WitnessSchema).max(MOST_WITNESSES),
  })
  .superRefine(({ required, witnesses }, context) => {
    if (required > witnesses.length)
      context.addIssue({
        code: 'custom',
        path: ['required'],
        message: `there are ${witnesses.length} witnesses: more can not be required`,
      });
    const keys = new Set(witnesses.map(({ key }) => key));
    if (keys.size < witnesses.length)
      context.addIssue({ code: 'custom', path: ['witnesses'], message: 'a key is given twice' });
  })
  .openapi('RootWitnesses');
export type Witnesses = z.infer<typeof WitnessesSchema>;

export const rootWitnesses: Setting<Witnesses> = {
  key: 'root_witnesses',
  schema: WitnessesSchema,
  initial: { required: 0, witnesses: [] },
};

/** As the tables and the protocol's client name a witness. */
export const witnessKey = ({ name, keyId }: Pick<CosignatureVerifier, 'name' | 'keyId'>): string =>
  `${name}+${keyId.toString(16).padStart(8, '0')}`;
