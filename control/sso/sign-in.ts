import { createHash, timingSafeEqual } from 'node:crypto';
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  type IDToken,
} from 'openid-client';
import {
  addPerson,
  beginEnrolment,
  findPerson,
  findPersonByEmail,
  hasSecondFactor,
  holdPeople,
  isActive,
  mayEnrol,
  networkOf,
  openSession,
  type Person,
  type Place,
  type Throttle,
} from '../identity/index.ts';
import { newId, OutboundError, type Platform, Problem, recordChange, type Tx } from '../platform/index.ts';
import { consolePath, provesTwoFactors, vouchedAddress } from './claims.ts';
import type { Clients } from './client.ts';
import type { IssuerRow, Issuers } from './issuers.ts';
import type { SsoTables } from './tables.ts';

const FLOW_MS = 10 * 60_000;
/** Sign-ins under way at once, of all addresses: strangers can begin as many as they like. */
const MOST_FLOWS = 10_000;
const MOST_PARAMETERS = 20_000;

/** Why nobody was let in, as the page for signing in says it. */
export type Refusal =
  | 'oidc_began_elsewhere'
  | 'oidc_refused'
  | 'oidc_not_verified'
  | 'oidc_issuer_away'
  | 'oidc_unknown_person'
  | 'oidc_other_identity'
  | 'oidc_not_let_in'
  | 'oidc_no_second_factor';

export interface Begun {
  /** Where the browser goes. */
  url: string;
  /** What the browser keeps meanwhile: who has it not did not begin this sign-in. */
  secret: string;
}

export type Outcome = { secret: string; path: string } | { refused: Refusal };

/** Signing in through an issuer: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0 §3.1, RFC 9700). */
export interface OidcSignIn {
  /** Throws Problem 404, 429 `too_many_attempts`, `too_many_sign_ins` or 503 `issuer_away`. */
  begin(id: string, path: string | undefined, place: Place): Promise<Begun>;
  /** The browser is back, with `query` and what it kept. */
  finish(id: string, query: string, kept: string | undefined, place: Place): Promise<Outcome>;
}

export interface OidcSignInDeps {
  platform: Platform;
  throttle: Throttle;
  issuers: Issuers;
  clients: Clients;
  redirectUri(id: string): string;
}

type Flow = SsoTables['oidc_flow'];

const beginningOf = ({ address }: Place) => ({ kind: 'beginning' as const, name: networkOf(address) });
const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

export function createOidcSignIn({
  platform,
  throttle,
  issuers,
  clients,
  redirectUri,
}: OidcSignInDeps): OidcSignIn {
  const db = platform.db.withTables<SsoTables>();
  const now = () => platform.clock.now();
  const random = () => platform.random.bytes(32).toString('base64url');

  /** Uses a flow up: the same answer of an issuer opens nothing twice. Null: there is none, or its time is over. */
  async function takeFlow(state: string, id: string): Promise<Flow | null> {
    const flow = await db
      .deleteFrom('oidc_flow')
      .where('state', '=', hashOf(state))
      .returningAll()
      .executeTakeFirst();
    if (flow === undefined || flow.issuer !== id || flow.expires_at.getTime() <= now()) return null;
    return flow;
  }

  async function claimsOf(
    row: IssuerRow,
    flow: Flow,
    query: string,
    state: string,
  ): Promise<IDToken | Refusal> {
    try {
      const config = await clients.of(row);
      const tokens = await authorizationCodeGrant(config, new URL(`${redirectUri(row.id)}?${query}`), {
        expectedState: state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      return claims === undefined ? 'oidc_not_verified' : withAddress(config, claims, tokens.access_token);
    } catch (error) {
      const refused = refusalOf(error);
      platform.log.warn(
        { issuer: row.id, why: refused, code: codeOf(error) },
        'a sign-in by an issuer was refused',
      );
      return refused;
    }
  }

  return {
    async begin(id, path, place) {
      // Else one of them could take up all that are under way at once, and nobody else would come in.
      await throttle.take([beginningOf(place)]);
      const row = await issuers.find(id);
      if (row === null)
        throw new Problem(404, 'not_found', 'There is no such issuer any more. Open the page again.');
      const config = await clients.of(row).catch((error: unknown) => {
        platform.log.warn({ err: error, issuer: id }, 'an issuer could not be reached');
        throw new Problem(
          503,
          'issuer_away',
          `${row.name} can not be reached from here just now. Try again, or sign in another way.`,
        );
      });
      const [state, secret, nonce, verifier] = [random(), random(), random(), random()];
      await db.deleteFrom('oidc_flow').where('expires_at', '<=', new Date(now())).execute();
      const { count } = await db
        .selectFrom('oidc_flow')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      if (Number(count) >= MOST_FLOWS) {
        throw new Problem(
          429,
          'too_many_sign_ins',
          'Too many sign-ins are under way. Try again in ten minutes, or sign in another way.',
        );
      }
      await db
        .insertInto('oidc_flow')
        .values({
          state: hashOf(state),
          browser: hashOf(secret),
          issuer: id,
          nonce,
          verifier,
          path: consolePath(path),
          expires_at: new Date(now() + FLOW_MS),
        })
        .execute();
      const url = buildAuthorizationUrl(config, {
        redirect_uri: redirectUri(id),
        scope: 'openid email profile',
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        ...(row.mfa_acr.length === 0 ? {} : { acr_values: row.mfa_acr.join(' ') }),
      });
      return { url: url.href, secret };
    },

    async finish(id, query, kept, place) {
      const state = new URLSearchParams(query).get('state');
      if (state === null || kept === undefined || query.length > MOST_PARAMETERS)
        return { refused: 'oidc_began_elsewhere' };
      const flow = await takeFlow(state, id);
      // A link that someone else made would sign this browser in as them.
      if (flow === null || !timingSafeEqual(flow.browser, hashOf(kept)))
        return { refused: 'oidc_began_elsewhere' };
      const row = await issuers.find(id);
      if (row === null) return { refused: 'oidc_refused' };
      const claims = await claimsOf(row, flow, query, state);
      if (typeof claims === 'string') return { refused: claims };
      const outcome = await platform.db.transaction().execute(async (tx) => {
        const opened = await letIn(tx, row, claims, place);
        if (typeof opened !== 'string') await throttle.succeed(tx, [beginningOf(place)]);
        return opened;
      });
      return typeof outcome === 'string' ? { refused: outcome } : { ...outcome, path: flow.path };
    },
  };

  async function letIn(
    tx: Tx,
    row: IssuerRow,
    claims: IDToken,
    place: Place,
  ): Promise<{ secret: string } | Refusal> {
    const person = await personOf(tx, row, claims);
    if (typeof person === 'string') return person;
    const isInvited = person.state === 'invited';
    if (!(isInvited ? mayEnrol(person, now()) : isActive(person, now()))) return 'oidc_not_let_in';
    const isEnough = provesTwoFactors(claims, { acr: row.mfa_acr, amr: row.mfa_amr });
    const reason = `Signed in through ${row.name}${isEnough ? ', with two factors there' : ''}`;
    // Who comes for the first time enrols a factor here: what is sensitive asks for one of ours.
    if (isInvited) return beginEnrolment(tx, platform, { ...place, person, method: 'oidc', reason });
    // Nobody makes their second factor out of the first one alone: whoever has that could.
    if (!isEnough && !(await hasSecondFactor(tx, person.id))) return 'oidc_no_second_factor';
    const methods = ['oidc'] as const;
    return openSession(tx, platform, { ...place, person, level: isEnough ? 2 : 1, methods, reason });
  }

  /** By the issuer's own name for them; the first time by an address that it vouches for. */
  async function personOf(tx: Tx, row: IssuerRow, claims: IDToken): Promise<Person | Refusal> {
    const rows = tx.withTables<SsoTables>();
    const at = new Date(now());
    const find = () =>
      rows
        .updateTable('oidc_identity')
        .set({ last_used_at: at })
        .where('issuer', '=', row.issuer)
        .where('subject', '=', claims.sub)
        .returning('person')
        .executeTakeFirst();
    let linked = await find();
    if (linked === undefined) {
      // Of two who come for the first time at once, one is added, and the other is the same.
      await holdPeople(tx);
      linked = await find();
    }
    if (linked !== undefined) return (await findPerson(tx, linked.person)) ?? 'oidc_not_let_in';
    const email = vouchedAddress(claims, row.domains);
    if (email === null) return 'oidc_unknown_person';
    const person = (await findPersonByEmail(tx, email)) ?? (await newPerson(tx, row, email, claims));
    if (person === null) return 'oidc_unknown_person';
    if (person.state === 'offboarded') return 'oidc_not_let_in';
    const made = await rows
      .insertInto('oidc_identity')
      .values({
        issuer: row.issuer,
        subject: claims.sub,
        person: person.id,
        linked_at: at,
        last_used_at: at,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    // Known there by another name: an address that was given to somebody else must not open what was theirs.
    if (made.numInsertedOrUpdatedRows !== 1n) return 'oidc_other_identity';
    await recordChange(tx, platform, {
      actor: person,
      reason: `Signed in through ${row.name} for the first time`,
      act: 'identity.link',
      subject: { kind: 'person', id: person.id },
      detail: { issuer: row.id },
    });
    return person;
  }

  async function newPerson(tx: Tx, row: IssuerRow, email: string, claims: IDToken): Promise<Person | null> {
    if (row.new_roles === null) return null;
    const id = newId(platform.clock, platform.random);
    const name = typeof claims.name === 'string' ? claims.name.trim().slice(0, 100) : '';
    await addPerson(tx, platform, { id, name, email, roles: row.new_roles });
    await recordChange(tx, platform, {
      actor: { id, name },
      reason: `${row.name} vouches for them`,
      act: 'person.join',
      subject: { kind: 'person', id },
      detail: { issuer: row.id, roles: row.new_roles },
    });
    return findPerson(tx, id);
  }
}

/**
 * Many issuers tell the address only where they are asked for it with the access token, over TLS, of the same subject. How
 * somebody signed in is never taken from there: that is signed.
 */
async function withAddress(config: Configuration, claims: IDToken, accessToken: string): Promise<IDToken> {
  if (claims.email !== undefined || config.serverMetadata().userinfo_endpoint === undefined) return claims;
  const { email, email_verified, name } = await fetchUserInfo(config, accessToken, claims.sub);
  return {
    ...claims,
    ...(email === undefined ? {} : { email }),
    ...(email_verified === undefined ? {} : { email_verified }),
    ...(name === undefined || claims.name !== undefined ? {} : { name }),
  };
}

function refusalOf(error: unknown): Refusal {
  const cause = error instanceof Error ? error.cause : undefined;
  if (error instanceof OutboundError || cause instanceof OutboundError) return 'oidc_issuer_away';
  // What the issuer itself answered: the person said no there, or is not let in there.
  const isTheirs =
    error instanceof Error && /^(AuthorizationResponseError|ResponseBodyError)$/.test(error.name);
  return isTheirs ? 'oidc_refused' : 'oidc_not_verified';
}

/** The library's own code: nothing of what was sent. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
