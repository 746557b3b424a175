import { randomBytes, randomUUID } from 'node:crypto';
import type { Missing, MyFactors, PersonRow, SessionRow, Stage } from '../api/identity-types.ts';
import { fakeSecrets, madePeople, madePerson } from './fake-persons.ts';
import { fakeRoles } from './fake-roles.ts';
import type { Answer, Asked } from './fake-routes.ts';
import { answerTokens, makeFakeTokens } from './fake-tokens.ts';

/**
 * People, their sessions and factors of the made-up control plane. It takes a passkey by its challenge and its id alone:
 * that signatures are checked is what tests with the real control plane are for.
 */
export interface FakePeople {
  people: PersonRow[];
  /** What these roles permit is what whoever is signed in may do; the first is that of the made-up cookie. */
  roles: string[];
  factors: MyFactors;
  sessions: SessionRow[];
  /** From now on writes ask for a factor, until one is given. */
  askForFactor(): void;
  /** How often a factor was given when it was asked for. */
  given: { stepUps: number };
  /** Null where the path is none of these. */
  answer(asked: Asked, cookie: string | undefined): Answer | null;
}

interface FakeSession {
  stage: Stage;
  person: PersonRow | null;
  missing: Missing[];
}

const day = 86_400_000;
const refusal = (status: number, code: string, title: string, detail: string, headers = {}): Answer => ({
  status,
  headers,
  body: { title, status, code, detail },
});
const wrongCode = refusal(401, 'wrong_code', 'Not signed in', 'This code is wrong, or was used before.');
const ok = (body: unknown): Answer => ({ status: 200, body });
const done: Answer = { status: 204 };

/** The challenge that a browser signed, and the passkey that it did it with. */
function signedBy(body: unknown): { id: string; challenge: string } {
  const { id, response } = body as { id: string; response: { clientDataJSON: string } };
  const data = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString('utf8'));
  return { id, challenge: String(data.challenge) };
}

export function makeFakePeople(now: number, empty: boolean): FakePeople {
  const people = empty ? [] : madePeople(now);
  const ada = people[0] ?? madePerson(now, 1, { name: 'Ada Example', email: fakeSecrets.email, isYou: true });
  const open = new Map<string, FakeSession>([
    [fakeSecrets.cookie, { stage: 'signed_in', person: ada, missing: [] }],
  ]);
  const tokens = makeFakeTokens(now);
  const challenges = new Set<string>();
  const passkeys = new Set<string>();
  let fresh = true;
  const factors: MyFactors = {
    passkeys: [
      {
        id: 'passkey_1',
        name: 'Mac',
        madeFor: 'localhost',
        createdAt: new Date(now - 60 * day).toISOString(),
        lastUsedAt: new Date(now - 3_600_000).toISOString(),
      },
    ],
    totp: null,
    password: false,
    recoveryCodesLeft: 8,
  };
  const browsers = [
    ['session_1', true, 'Firefox on Linux', ['passkey']],
    ['session_2', false, 'Safari on iPhone', ['password', 'totp']],
  ] as const;
  const sessions: SessionRow[] = browsers.map(([id, current, browser, methods], index) => ({
    id,
    current,
    browser,
    methods: [...methods],
    address: `198.51.100.${7 + index}`,
    createdAt: new Date(now - (1 + index) * 7_200_000).toISOString(),
    lastSeenAt: new Date(now - index * 3_600_000).toISOString(),
  }));
  const fake: FakePeople = {
    people,
    roles: ['owner'],
    factors,
    sessions,
    given: { stepUps: 0 },
    askForFactor: () => {
      fresh = false;
    },
    answer,
  };

  function newChallenge(): string {
    const challenge = randomBytes(24).toString('base64url');
    challenges.add(challenge);
    return challenge;
  }

  function takePasskey(body: unknown): boolean {
    const { id, challenge } = signedBy(body);
    return challenges.delete(challenge) && passkeys.has(id);
  }

  function begin(session: FakeSession): Answer {
    const secret = randomUUID();
    open.set(secret, session);
    return { status: 204, headers: { 'set-cookie': `drawbridge_session=${secret}; HttpOnly; Path=/` } };
  }

  const enter = (): Answer => begin({ stage: 'signed_in', person: ada, missing: [] });

  function sessionView(session: FakeSession | undefined): Answer {
    const { stage, person, missing } = session ?? { stage: 'signed_out', person: null, missing: [] };
    const permitted = fakeRoles
      .filter((role) => fake.roles.includes(role.id))
      .flatMap((role) => role.actions);
    return ok({
      stage,
      actor: person === null || stage !== 'signed_in' ? null : { id: person.id, name: person.name },
      person:
        person === null
          ? null
          : { id: person.id, name: person.name, email: person.email, roles: person.roles },
      steppedUpAt: fresh ? new Date().toISOString() : null,
      factors: stage === 'signed_out' ? [] : ['passkey', 'totp', 'recovery'],
      actions: stage === 'signed_in' ? permitted.filter((act) => !act.own).map(({ id }) => id) : [],
      ownActions: stage === 'signed_in' ? permitted.filter((act) => act.own).map(({ id }) => id) : [],
      needsEnrolment: missing,
      methods: { oidc: [{ id: 'example', name: 'Example SSO' }] },
      firstStart: people.length === 0 && empty && session === undefined,
      invitedBy: stage === 'enrolling' && person?.email !== null ? 'Brook Sample' : null,
      deployment: { id: 'dep_made_up', name: 'Example B.V.' },
      warnings: [],
    });
  }

  /** What signs in. */
  function signInRoutes(asked: Asked, session: FakeSession | undefined): Answer | null {
    const body = (asked.body ?? {}) as Record<string, unknown>;
    switch (`${asked.method} ${asked.path}`) {
      case 'GET /session':
        return sessionView(session);
      case 'DELETE /session':
        return { status: 204, headers: { 'set-cookie': 'drawbridge_session=; Path=/; Max-Age=0' } };
      case 'POST /session/invitation': {
        const first = body.token === fakeSecrets.firstLink;
        if (!first && body.token !== fakeSecrets.invitation) {
          const detail = 'This link was used before, or its time is over.';
          return refusal(401, 'link_used', 'Not signed in', detail);
        }
        const email = first ? null : 'farah@example.org';
        const roles = first ? ['owner'] : ['privacy_officer'];
        const missing: Missing[] = ['profile', 'factor', 'recovery_codes'];
        Object.assign(factors, { passkeys: [], recoveryCodesLeft: 0 });
        return begin({ stage: 'enrolling', person: madePerson(now, 9, { email, roles }), missing });
      }
      case 'POST /session/password':
        return body.email === fakeSecrets.email && body.password === fakeSecrets.password
          ? begin({ stage: 'second_factor', person: ada, missing: [] })
          : refusal(
              401,
              'wrong_sign_in',
              'Not signed in',
              'This e-mail address and password do not belong together.',
            );
      case 'POST /session/totp':
        return body.code === fakeSecrets.code ? enter() : wrongCode;
      case 'POST /session/recovery':
        return body.code === fakeSecrets.recovery
          ? begin({ stage: 'enrolling', person: ada, missing: ['factor'] })
          : wrongCode;
      case 'POST /session/passkey/options':
      case 'POST /session/step-up/options':
        return ok({
          options: {
            challenge: newChallenge(),
            rpId: 'localhost',
            userVerification: 'required',
            timeout: 60_000,
          },
        });
      case 'POST /session/passkey':
        return takePasskey(body.response) ? enter() : wrongCode;
      case 'POST /session/step-up': {
        const right = 'totp' in body ? body.totp === fakeSecrets.code : takePasskey(body.passkey);
        if (!right) return wrongCode;
        fresh = true;
        fake.given.stepUps += 1;
        return done;
      }
    }
    return null;
  }

  function withoutMissing(session: FakeSession, step: Missing): Answer {
    session.missing = session.missing.filter((one) => one !== step);
    return done;
  }

  /** What one does about oneself. */
  function ownRoutes(asked: Asked, session: FakeSession): Answer | null {
    const body = (asked.body ?? {}) as Record<string, unknown>;
    const { method, path } = asked;
    const person = session.person ?? ada;
    const passkey = factors.passkeys.find((one) => path === `/me/passkeys/${one.id}`);
    if (passkey !== undefined && method === 'DELETE') {
      factors.passkeys = factors.passkeys.filter((one) => one !== passkey);
      return done;
    }
    if (passkey !== undefined && method === 'PATCH') return ok(Object.assign(passkey, { name: body.name }));
    const ended = sessions.findIndex((one) => path === `/me/sessions/${one.id}`);
    if (ended >= 0 && method === 'DELETE') {
      sessions.splice(ended, 1);
      return done;
    }
    switch (`${method} ${path}`) {
      case 'PUT /session/profile':
        Object.assign(person, body);
        return withoutMissing(session, 'profile');
      case 'POST /session/finish':
        session.stage = 'signed_in';
        return done;
      case 'GET /me/factors':
        return ok(factors);
      case 'GET /me/sessions':
        return ok({ items: sessions });
      case 'PATCH /me':
        person.name = String(body.name);
        return ok({});
      case 'POST /me/passkeys/options':
        return ok({
          options: {
            rp: { id: 'localhost', name: 'Drawbridge' },
            user: { id: 'bWFkZS11cA', name: person.email, displayName: person.name },
            challenge: newChallenge(),
            pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
            timeout: 60_000,
            authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
          },
        });
      case 'POST /me/passkeys': {
        const { id, challenge } = signedBy(body.response);
        if (!challenges.delete(challenge)) return wrongCode;
        passkeys.add(id);
        factors.passkeys.push({
          id,
          name: String(body.name),
          madeFor: 'localhost',
          createdAt: new Date().toISOString(),
          lastUsedAt: null,
        });
        withoutMissing(session, 'factor');
        return { status: 201, body: factors.passkeys.at(-1) };
      }
      case 'PUT /me/password':
        factors.password = true;
        return done;
      case 'POST /me/totp': {
        const secret = 'MADEUPSECRETMADEUPSECRET22345672';
        return ok({
          secret,
          uri: `otpauth://totp/Drawbridge:${encodeURIComponent(person.email ?? '')}?secret=${secret}&issuer=Drawbridge`,
        });
      }
      case 'POST /me/totp/confirm':
        if (body.code !== fakeSecrets.code) return wrongCode;
        factors.totp = { since: new Date().toISOString() };
        return withoutMissing(session, 'factor');
      case 'DELETE /me/totp':
        Object.assign(factors, { totp: null, password: false });
        return done;
      case 'POST /me/recovery-codes':
        factors.recoveryCodesLeft = 10;
        withoutMissing(session, 'recovery_codes');
        return ok({ codes: Array.from({ length: 10 }, (_, n) => `MADE-UP${n}Q-7K2M-${n}XPW`) });
    }
    return null;
  }

  const link = () => ({
    token: `made-up-${randomUUID()}`,
    expiresAt: new Date(Date.now() + 7 * day).toISOString(),
  });

  /** What is done about others. */
  function peopleRoutes(asked: Asked): Answer | null {
    const body = (asked.body ?? {}) as Record<string, unknown>;
    const { method, path } = asked;
    const may = (action: string): boolean =>
      fakeRoles.some((role) => fake.roles.includes(role.id) && role.actions.some((act) => act.id === action));
    if (path === '/roles') return ok({ items: fakeRoles });
    const [, id, act = ''] = /^\/people(?:\/([^/]+))?(?:\/(.+))?$/.exec(path) ?? [];
    if (!path.startsWith('/people')) return null;
    if (!may(method === 'GET' ? 'person.read' : 'person.change'))
      return refusal(
        403,
        'not_permitted',
        'Not allowed',
        'Your roles do not permit this. Ask an administrator.',
      );
    if (id === undefined && method === 'GET') return ok({ items: people });
    if (id === undefined) {
      const person = madePerson(now, people.length + 1, {
        ...(body as Partial<PersonRow>),
        name: String(body.name ?? ''),
        state: 'invited',
        lastSeenAt: null,
        sessions: 0,
        factors: { passkeys: 0, totp: false, recoveryCodesLeft: 0 },
      });
      people.push(person);
      return { status: 201, body: { person, link: link() } };
    }
    const person = people.find((one) => one.id === id);
    if (person === undefined) return refusal(404, 'not_found', 'Not found', 'There is no such person.');
    switch (`${method} ${act}`) {
      case 'GET ':
        return ok(person);
      case 'GET sessions':
        return ok({ items: person.sessions === 0 ? [] : [{ ...sessions[0], current: false }] });
      case 'GET tokens':
        return ok({ items: person.isYou ? tokens : [] });
      case 'DELETE sessions':
        person.sessions = 0;
        return done;
      case 'PATCH ': {
        const { reason: _reason, ...change } = body;
        return ok(Object.assign(person, change));
      }
      case 'POST offboard':
        Object.assign(person, { state: 'offboarded', sessions: 0 });
        return done;
      case 'POST invitation':
      case 'POST reset-factors':
        return ok({ link: link() });
    }
    return null;
  }

  function answer(asked: Asked, cookie: string | undefined): Answer | null {
    const session = cookie === undefined ? undefined : open.get(cookie);
    const signIn = signInRoutes(asked, session);
    if (signIn !== null) return signIn;
    if (session === undefined) return refusal(401, 'signed_out', 'Sign in first', 'Sign in.');
    const own = (): Answer | null => ownRoutes(asked, session);
    if (session.stage === 'enrolling')
      return own() ?? refusal(403, 'second_factor_needed', 'Not allowed', 'Finish.');
    if (session.stage !== 'signed_in') return refusal(403, 'second_factor_needed', 'Not allowed', 'Finish.');
    if (asked.method !== 'GET' && !fresh)
      return refusal(
        403,
        'step_up_needed',
        'Not allowed',
        'This asks for a factor used within five minutes.',
      );
    return own() ?? answerTokens(tokens, asked) ?? peopleRoutes(asked);
  }

  return fake;
}
