import type { Approvals } from '../approvals/index.ts';
import type { Platform } from '../platform/index.ts';
import type { Vault } from '../vault/index.ts';
import { createChallenges } from './challenges.ts';
import { meRoutes } from './me-routes.ts';
import { createPasskeys, type Passkeys } from './passkeys.ts';
import { createPasswords, type Hashing } from './passwords.ts';
import { createPeople, type People, type PersonListener } from './people.ts';
import { peopleRoutes } from './people-routes.ts';
import { createProfile, type Profile } from './profile.ts';
import type { Reached } from './reached.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createThrottle, type Throttle } from './throttle.ts';
import { createAppCodes } from './totp.ts';

export interface IdentityDeps {
  platform: Platform;
  vault: Vault;
  approvals: Approvals;
  reached: Reached;
  /** What the deployment is called: nobody's password is made of it. */
  name(): Promise<string>;
  /** HMAC-SHA256 under a secret of the deployment: 32 bytes, the same in every control process. */
  keyed(bytes: Uint8Array): Promise<Buffer>;
  /** Left out: argon2id. */
  hashing?: Hashing;
}

/** What the routes are made of. */
export interface IdentityParts {
  platform: Platform;
  approvals: Approvals;
  reached: Reached;
  signIn: SignIn;
  passkeys: Passkeys;
  profile: Profile;
  people: People;
}

/** People, how they sign in, and what each may do. */
export interface Identity extends IdentityParts {
  /** Behind the gate: one's own factors and sessions, and people. */
  routes: ReturnType<typeof meRoutes>;
  throttle: Throttle;
  /** Hears, in the transaction itself, of everyone whose rights change or end. */
  onPersonChange(listener: PersonListener): void;
}

export function createIdentity(deps: IdentityDeps): Identity {
  const { platform, vault, approvals, reached, keyed, hashing } = deps;
  const listeners: PersonListener[] = [];
  const challenges = createChallenges({ platform, keyed });
  const passkeys = createPasskeys({ platform, challenges });
  const passwords = createPasswords(hashing);
  const appCodes = createAppCodes({ platform, vault });
  const throttle = createThrottle({ platform, keyed });
  const parts: IdentityParts = {
    platform,
    approvals,
    reached,
    passkeys,
    signIn: createSignIn({ platform, passwords, passkeys, appCodes, throttle }),
    profile: createProfile({ platform, passwords, passkeys, appCodes, name: deps.name }),
    people: createPeople({ platform, approvals, listeners }),
  };
  const routes = meRoutes(parts);
  routes.route('/', peopleRoutes(parts));
  return { ...parts, routes, throttle, onPersonChange: (listener) => void listeners.push(listener) };
}
