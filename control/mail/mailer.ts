import type { OutboundNetwork, Platform, Sealer } from '../platform/index.ts';
import { MailError } from './error.ts';
import { compose, expectMail, type Mail } from './message.ts';
import { openSignIn, readServer } from './server.ts';
import { type Connection, connect, type Times, usualTimes } from './session.ts';

/** Sends mails over the organisation's mail server. */
export interface Mailer {
  /** Whether a mail server is set up. It says nothing about whether that one can be reached. */
  ready(): Promise<boolean>;
  /** What the server answered. Throws MailError. */
  send(mail: Mail): Promise<{ response: string }>;
  /** For many mails: one connection, made anew where it broke. */
  session(): Promise<MailSession>;
}

export interface MailSession {
  /** The domain of the sender's address. */
  domain: string;
  /** Throws MailError. */
  send(mail: Mail): Promise<{ response: string }>;
  close(): void;
}

export interface MailerDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  network: OutboundNetwork;
  times?: Times;
}

export function createMailer({ platform, sealer, network, times = usualTimes }: MailerDeps): Mailer {
  async function session(): Promise<MailSession> {
    const server = await readServer(platform.db);
    if (server === null) {
      throw new MailError('not_set_up', 'No mail server is set up: enter it in the settings.', {
        about: 'server',
      });
    }
    const signIn = openSignIn(await sealer(), server);
    let connection: Connection | null = null;
    return {
      domain: server.from.address.slice(server.from.address.lastIndexOf('@') + 1),
      async send(mail) {
        expectMail(mail);
        const message = await compose(mail, server.from, platform.clock.now());
        if (connection?.isUsable() !== true) connection = await connect(server, signIn, network, times);
        return { response: await connection.send(server.from.address, mail.to, message) };
      },
      close() {
        connection?.close();
        connection = null;
      },
    };
  }
  return {
    session,
    ready: async () => (await readServer(platform.db)) !== null,
    async send(mail) {
      const one = await session();
      try {
        return await one.send(mail);
      } finally {
        one.close();
      }
    },
  };
}
