/** Who is signed in and how, as `/api/v1` answers it. */

export type Stage = 'signed_out' | 'second_factor' | 'enrolling' | 'signed_in';

export type Factor = 'passkey' | 'totp' | 'recovery';

/** What somebody who was invited still has to do before anything else opens. */
export type Missing = 'profile' | 'factor' | 'recovery_codes';

export interface SignedInPerson {
  id: string;
  name: string;
  email: string | null;
  roles: string[];
}

export interface PersonRow {
  id: string;
  name: string;
  email: string | null;
  roles: string[];
  state: 'invited' | 'active' | 'offboarded';
  /** After this moment nothing opens for them; null: no end. */
  accessEnds: string | null;
  createdAt: string;
  lastSeenAt: string | null;
  factors: { passkeys: number; totp: boolean; recoveryCodesLeft: number };
  /** Open ones. */
  sessions: number;
  isYou: boolean;
}

/** A link in the one moment in which it can be read. */
export interface ShownLink {
  token: string;
  expiresAt: string;
}

export interface Invited {
  person: PersonRow;
  link: ShownLink;
}

export interface Passkey {
  id: string;
  name: string;
  /** The host name that it works at. */
  madeFor: string;
  createdAt: string;
  lastUsedAt: string | null;
}

export interface MyFactors {
  passkeys: Passkey[];
  totp: { since: string } | null;
  password: boolean;
  recoveryCodesLeft: number;
}

export interface SessionRow {
  id: string;
  current: boolean;
  createdAt: string;
  lastSeenAt: string;
  address: string;
  browser: string;
  methods: string[];
}

export interface PermittedAct {
  id: string;
  /** What it permits, in words. */
  text: string;
  /** For what one owns only. */
  own: boolean;
  /** Asks for a factor used within five minutes. */
  sensitive: boolean;
}

export interface Role {
  id: string;
  text: string;
  actions: PermittedAct[];
}
