import { BlockList, isIP } from 'node:net';
import { z } from '@hono/zod-openapi';
import type { Setting } from '../platform/index.ts';

const Host = z
  .string()
  .trim()
  .refine((text) => isIP(text) !== 0, 'is not an address of this machine, such as 127.0.0.1');

const Address = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(
    /^[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
    'is not one plain mail address',
  );

const Domain = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/, 'is not a domain');

/** `10.0.0.0/8`; null: it is none. */
export function rangeOf(text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | null {
  const [address = '', bits = '', more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more !== undefined || !/^\d{1,3}$/.test(bits)) return null;
  if (Number(bits) > (version === 4 ? 32 : 128)) return null;
  return { address, bits: Number(bits), family: version === 4 ? 'ipv4' : 'ipv6' };
}

const Range = z
  .string()
  .trim()
  .refine((text) => rangeOf(text) !== null, 'is not a range of addresses, such as 10.0.0.0/8');

export const SmtpSchema = z
  .strictObject({
    enabled: z.boolean(),
    host: Host.openapi({ description: 'The address of this machine that it listens at' }),
    port: z.int().min(1).max(65_535),
    lmtp: z.boolean(),
    address: z
      .array(Address)
      .max(20)
      .openapi({ description: 'Mail to these addresses is taken, to others refused' }),
    allow: z.array(Range).max(50).openapi({ description: 'Who may hand mail over, as ranges of addresses' }),
    starttls: z.boolean().openapi({ description: 'Offered, with the certificate of the console' }),
    tlsRequired: z
      .boolean()
      .default(false)
      .openapi({ description: 'With starttls: mail that comes without it is refused' }),
    outside: z.boolean().openapi({
      description:
        'Whether those who hand mail over are the outside itself. Then who they are counts as evidence; a mail server of one’s own in between would be judged in their place',
    }),
  })
  .openapi('MessageListener');
export type SmtpSettings = z.infer<typeof SmtpSchema>;

export const IntakeSchema = z
  .strictObject({
    retentionDays: z.int().min(1).max(3650).openapi({ description: 'How long messages are kept' }),
    domains: z.array(Domain).max(100).openapi({
      description: 'The organisation’s own mail domains: who writes from them passes messages on',
    }),
    smtp: SmtpSchema,
  })
  .openapi('MessageIntake');
export type IntakeSettings = z.infer<typeof IntakeSchema>;

export const intakeSetting: Setting<IntakeSettings> = {
  key: 'message_intake',
  schema: IntakeSchema,
  initial: {
    retentionDays: 90,
    domains: [],
    smtp: {
      enabled: false,
      host: '127.0.0.1',
      port: 4425,
      lmtp: false,
      address: [],
      allow: ['127.0.0.0/8', '::1/128'],
      starttls: false,
      tlsRequired: false,
      outside: false,
    },
  },
};

/** Why these can't go together; null: they can. */
export function wrongIntake(
  { smtp }: IntakeSettings,
  hasCertificate: boolean,
): { field: string; message: string } | null {
  if (!smtp.enabled) return null;
  if (smtp.address.length === 0)
    return { field: 'smtp.address', message: 'is empty: name the address that mail is taken for' };
  if (smtp.allow.length === 0)
    return { field: 'smtp.allow', message: 'is empty: nobody could hand mail over' };
  if (smtp.starttls && !hasCertificate)
    return {
      field: 'smtp.starttls',
      message: 'asks for a certificate: set DRAWBRIDGE_TLS_CERT and DRAWBRIDGE_TLS_KEY, or leave it off',
    };
  if (smtp.tlsRequired && !smtp.starttls)
    return {
      field: 'smtp.tlsRequired',
      message: 'asks for starttls: without it nobody could hand mail over',
    };
  return null;
}

export function allowedBy(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const text of ranges) {
    const range = rangeOf(text);
    if (range !== null) list.addSubnet(range.address, range.bits, range.family);
  }
  return (given) => {
    const address = given.replace(/^::ffff:(?=\d+\.)/i, '');
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}
