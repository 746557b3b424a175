import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** An authority of a test's own and certificates by it (RFC 5280), made anew each time: nobody trusts them who is not told to. */

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let left = body.length; left > 0; left = Math.floor(left / 256)) length.unshift(left % 256);
  const head = body.length < 128 ? [tag, body.length] : [tag, 0x80 + length.length, ...length];
  return Buffer.concat([Buffer.from(head), body]);
};
const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
const integer = (value: number): Buffer => der(0x02, Buffer.from([value]));
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const nameOf = (text: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(text)))));
const time = (at: Date): Buffer =>
  der(0x18, Buffer.from(`${at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')}`));
const extension = (id: string, isCritical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(isCritical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value));
/** ecdsa-with-SHA256. */
const ALGORITHM = sequence(oid('2a8648ce3d040302'));
const DAY_MS = 86_400_000;

export interface Certified {
  cert: string;
  key: string;
}
interface Keys {
  publicKey: KeyObject;
  privateKey: KeyObject;
}
let serial = 0;

function certify(
  subject: string,
  keys: Keys,
  issuer: { name: string; key: KeyObject },
  { authority, days }: { authority: boolean; days: number },
): Certified {
  const now = Date.now();
  const alternative = /^[\d.]+$/.test(subject)
    ? der(0x87, Buffer.from(subject.split('.').map(Number)))
    : der(0x82, Buffer.from(subject));
  const content = sequence(
    der(0xa0, integer(2)),
    integer(++serial % 100),
    ALGORITHM,
    nameOf(issuer.name),
    sequence(time(new Date(now - 30 * DAY_MS)), time(new Date(now + days * DAY_MS))),
    nameOf(subject),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        extension('551d13', true, authority ? sequence(der(0x01, Buffer.from([0xff]))) : sequence()),
        ...(authority ? [] : [extension('551d11', false, sequence(alternative))]),
      ),
    ),
  );
  const signature = sign('sha256', content, issuer.key);
  const whole = sequence(content, ALGORITHM, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const newKeys = (): Keys => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** `ca`: what is to be trusted. `of`: a certificate for a host or address, good for so many days from now; fewer than none: run out. */
export function testAuthority(): { ca: string; of(host: string, days?: number): Certified } {
  const keys = newKeys();
  const issuer = { name: 'Made-up authority', key: keys.privateKey };
  return {
    ca: certify(issuer.name, keys, issuer, { authority: true, days: 30 }).cert,
    of: (host, days = 30) => certify(host, newKeys(), issuer, { authority: false, days }),
  };
}
