import { isIP } from 'node:net';
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { newId, type Platform, Problem, recordChange, type Tx } from '../platform/index.ts';
import type { Challenges, Use } from './challenges.ts';
import type { Person } from './person.ts';
import type { IdentityTables } from './tables.ts';

/** It reads certificates of every kind, and takes long to load: only who uses a passkey waits for it. */
const webauthn = () => import('@simplewebauthn/server');

/** Where browsers ask for a passkey: it is bound to the host name, and signs the origin. */
export interface Site {
  origin: string;
  host: string;
}

/** A passkey can't be made for an address of numbers. Throws a Problem 409 `passkeys_need_name` there. */
export function siteOf(origin: string): Site {
  if (!takesPasskeys(origin))
    throw new Problem(
      409,
      'passkeys_need_name',
      'A passkey belongs to a name, and this page is open at an address of numbers. Open the console at its name (on this machine: localhost).',
    );
  return { origin, host: new URL(origin).hostname };
}

export function takesPasskeys(origin: string): boolean {
  const host = new URL(origin).hostname;
  return isIP(host.replaceAll(/[[\]]/g, '')) === 0;
}

/** WebAuthn's JSON, as browsers take it. */
type BrowserOptions = { challenge: string; [member: string]: unknown };

/** What came of a passkey that was shown. */
export type Shown =
  | { outcome: 'right'; person: string }
  | { outcome: 'wrong' | 'copied'; person: string | null };

export interface Passkeys {
  /** What to ask the browser for, to make a new one. Others of this person are not made twice on one device. */
  enrolOptions(person: Person, site: Site, use: Use): Promise<BrowserOptions>;
  /** Keeps a new one under a name. Throws a Problem 422 that names `response`. Returns its id. */
  enrol(
    tx: Tx,
    asked: { person: Person; site: Site; use: Use; name: string; response: RegistrationResponseJSON },
  ): Promise<string>;
  /** What to ask the browser for: any passkey of this site, or one of this person’s. */
  askOptions(site: Site, use: Use, person?: string): Promise<BrowserOptions>;
  /**
   * Whose passkey signed the challenge, with the person verified by the device. One whose counter went back is refused, and
   * that there is a copy of it is written down; its person must remove it.
   */
  show(response: AuthenticationResponseJSON, site: Site, use: Use): Promise<Shown>;
}

export function createPasskeys({
  platform,
  challenges,
}: {
  platform: Platform;
  challenges: Challenges;
}): Passkeys {
  const { db, clock, random, log } = platform;
  const now = () => new Date(clock.now());
  const ofPerson = (person: string) =>
    db
      .withTables<IdentityTables>()
      .selectFrom('passkey')
      .select(['credential as id', 'transports'])
      .where('person', '=', person)
      .execute();

  return {
    async enrolOptions(person, site, use) {
      const options = await (await webauthn()).generateRegistrationOptions({
        rpName: 'Drawbridge',
        rpID: site.host,
        userName: person.email ?? person.name,
        userDisplayName: person.name,
        userID: new TextEncoder().encode(person.id),
        challenge: new Uint8Array(await challenges.make(use)),
        attestationType: 'none',
        excludeCredentials: await ofPerson(person.id),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      });
      return { ...options };
    },

    async enrol(tx, { person, site, use, name, response }) {
      let challenge = '';
      const verified = await (await webauthn())
        .verifyRegistrationResponse({
          response,
          expectedChallenge: (given) => {
            challenge = given;
            return challenges.isOurs(given, use);
          },
          expectedOrigin: site.origin,
          expectedRPID: site.host,
          requireUserVerification: true,
        })
        .catch((error: unknown) => {
          log.info({ err: error }, 'a new passkey was refused');
          return null;
        });
      if (verified?.verified !== true || !(await challenges.answer(tx, challenge))) {
        throw new Problem(
          422,
          'invalid_request',
          'response: not an answer to what was asked, or too late. Ask for the options again; the device must verify you.',
          [{ field: 'response', message: 'not an answer to what was asked' }],
        );
      }
      const { credential } = verified.registrationInfo;
      const id = newId(clock, random);
      const added = await tx
        .withTables<IdentityTables>()
        .insertInto('passkey')
        .values({
          id,
          credential: credential.id,
          person: person.id,
          name,
          public_key: Buffer.from(credential.publicKey),
          counter: credential.counter,
          transports: (response.response.transports ?? []).filter(isTransport),
          made_for: site.host,
          created_at: now(),
          last_used_at: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst();
      if (added === undefined)
        throw new Problem(409, 'passkey_known', 'This passkey is known already. Take another device.');
      return id;
    },

    async askOptions(site, use, person) {
      const options = await (await webauthn()).generateAuthenticationOptions({
        rpID: site.host,
        challenge: new Uint8Array(await challenges.make(use)),
        userVerification: 'required',
        ...(person === undefined
          ? {}
          : {
              allowCredentials: (await ofPerson(person)).map(({ id, transports }) => ({
                id,
                transports: transports.filter(isTransport),
              })),
            }),
      });
      return { ...options };
    },

    async show(response, site, use) {
      const known = await db
        .withTables<IdentityTables>()
        .selectFrom('passkey')
        .select(['id', 'person', 'credential', 'public_key', 'counter', 'name'])
        .where('credential', '=', response.id)
        .executeTakeFirst();
      if (known === undefined) return { outcome: 'wrong', person: null };
      const wrong: Shown = { outcome: 'wrong', person: known.person };
      const { userHandle } = response.response;
      if (userHandle !== undefined && Buffer.from(userHandle, 'base64url').toString() !== known.person)
        return wrong;
      let challenge = '';
      const verified = await (await webauthn())
        .verifyAuthenticationResponse({
          response,
          expectedChallenge: (given) => {
            challenge = given;
            return challenges.isOurs(given, use);
          },
          expectedOrigin: site.origin,
          expectedRPID: site.host,
          requireUserVerification: true,
          // The counter is held against ours below: what goes back must not look like a wrong signature.
          credential: { id: known.credential, publicKey: new Uint8Array(known.public_key), counter: 0 },
        })
        .catch((error: unknown) => {
          log.info({ err: error }, 'a passkey was refused');
          return null;
        });
      if (verified?.verified !== true) return wrong;
      const { newCounter } = verified.authenticationInfo;
      return db.transaction().execute(async (tx): Promise<Shown> => {
        if (!(await challenges.answer(tx, challenge))) return wrong;
        const used = await tx
          .withTables<IdentityTables>()
          .updateTable('passkey')
          .set({ counter: newCounter, last_used_at: now() })
          .where('id', '=', known.id)
          // Those that count nothing always say 0 (WebAuthn §6.1.1).
          .where((is) =>
            is.or([
              is('counter', '<', newCounter),
              is.and([is('counter', '=', 0), is.val(newCounter === 0)]),
            ]),
          )
          .returning('id')
          .executeTakeFirst();
        if (used !== undefined) return { outcome: 'right', person: known.person };
        await recordChange(tx, platform, {
          actor: { id: known.person, name: '' },
          reason: 'A passkey’s counter went back: there is a copy of it, and it was refused',
          act: 'passkey.copied',
          subject: { kind: 'person', id: known.person },
          detail: { passkey: known.id, counter: newCounter, known: known.counter },
        });
        return { outcome: 'copied', person: known.person };
      });
    },
  };
}

const TRANSPORTS: readonly string[] = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];
const isTransport = (text: string): text is AuthenticatorTransport => TRANSPORTS.includes(text);
