import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** Made up for tests: vouches for mail.example.test and 127.0.0.1, and nobody trusts it who is not told to. */
export const certificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmBz7rZLDn3EFeyyV
kcB2yK+11iq6gNQ/YmFWJonkUE+hRANCAAQF28OdfALgphUffXKYNI64JeeRtN+E
0f862Cy3z+tXg/ptgLfwrcPeTsLxS4FqGa/TPs8PxHfQjFdYQy83CBj4
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBsjCCAVmgAwIBAgIUFp9urot0TsBlvrwGMmf09R9YwUkwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRbWFpbC5leGFtcGxlLnRlc3QwIBcNMjYxMTIzMDMxNTUyWhgP
MjEyNjEwMzAwMzE1NTJaMBwxGjAYBgNVBAMMEW1haWwuZXhhbXBsZS50ZXN0MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBdvDnXwC4KYVH31ymDSOuCXnkbTfhNH/
Otgst8/rV4P6bYC38K3D3k7C8UuBahmv0z7PD8R30IxXWEMvNwgY+KN3MHUwHQYD
VR0OBBYEFKYCacgZRWf5lXA0VdrpJT8x4pjOMB8GA1UdIwQYMBaAFKYCacgZRWf5
lXA0VdrpJT8x4pjOMA8GA1UdEwEB/wQFMAMBAf8wIgYDVR0RBBswGYIRbWFpbC5l
eGFtcGxlLnRlc3SHBH8AAAEwCgYIKoZIzj0EAwIDRwAwRAIgXgDKcGLOHSlYe7TQ
4R0acpqGi/srNaWinRrtIzwIUw0CIEFc0ye3/BSRS/stis/6qK7WYBzuaufZQXfs
GxiAJMgt
-----END CERTIFICATE-----
`,
};

export interface Received {
  from: string;
  to: string[];
  raw: string;
}

type Failing = Error & { responseCode?: number };

/** What a mail server answers: nothing for yes. */
export interface Manners {
  recipient?(address: string): { code: number; text: string } | null;
  message?(mail: Received): { code: number; text: string } | null;
  /** Before the answer to the message; a promise that never ends is a server that hangs. */
  beforeAnswer?(mail: Received): Promise<void>;
}

export interface StandIn {
  port: number;
  /** What it took, in order. */
  received: Received[];
  manners: Manners;
  /** Ends the connections that are open, as a server does that crashes. */
  drop(): void;
  close(): Promise<void>;
}

const refusal = ({ code, text }: { code: number; text: string }): Failing =>
  Object.assign(new Error(text), { responseCode: code });

/** A real SMTP server in this process. `options`: its key and certificate, whether it asks for a password. */
export async function startSmtp(
  options: SMTPServerOptions & { user?: { name: string; password: string } } = {},
): Promise<StandIn> {
  const received: Received[] = [];
  const standIn: { manners: Manners } = { manners: {} };
  const { user, ...rest } = options;
  const server = new SMTPServer({
    disabledCommands: [
      ...(user === undefined ? ['AUTH'] : []),
      ...(rest.key === undefined ? ['STARTTLS'] : []),
    ],
    authOptional: user === undefined,
    closeTimeout: 10,
    ...rest,
    onAuth: ({ username, password }, _, done) =>
      username === user?.name && password === user?.password
        ? done(null, { user: username })
        : done(refusal({ code: 535, text: 'wrong' })),
    onRcptTo: ({ address }, _, done) => {
      const said = standIn.manners.recipient?.(address) ?? null;
      done(said === null ? null : refusal(said));
    },
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.once('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const mail = {
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(parts).toString('utf8'),
        };
        const answer = (): void => {
          const said = standIn.manners.message?.(mail) ?? null;
          if (said === null) received.push(mail);
          done(said === null ? null : refusal(said));
        };
        (standIn.manners.beforeAnswer?.(mail) ?? Promise.resolve()).then(answer, done);
      });
    },
  });
  // Clients that go away are what tests are about.
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    port: (listening.address() as AddressInfo).port,
    received,
    get manners() {
      return standIn.manners;
    },
    set manners(manners) {
      standIn.manners = manners;
    },
    drop() {
      for (const connection of server.connections)
        (connection as unknown as { _socket: { destroy(): void } })._socket.destroy();
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Some text that nothing else holds: to look for where it must not be. */
export const madeUpPassword = (): string => `made-up-${randomBytes(9).toString('hex')}`;
