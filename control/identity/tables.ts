import type { Generated } from 'kysely';
import type { Role } from './roles.ts';

/**
 * What a refused sign-in came with: a link that is unknown (never made, or forgotten after its time), used or too old; a
 * token that is nobody's; a wrong password, code or passkey; a passkey of which there is a copy; or more attempts than are
 * heard.
 */
export type RefusedReason =
  | 'link_unknown'
  | 'link_used'
  | 'link_expired'
  | 'command_token'
  | 'password'
  | 'totp'
  | 'recovery_code'
  | 'passkey'
  | 'passkey_copied'
  | 'too_many_attempts';

export type PersonState = 'invited' | 'active' | 'offboarded';
export type Stage = 'second_factor' | 'enrolling' | 'signed_in';

export type IdentityTables = {
  refused_sign_in: { minute: Date; reason: RefusedReason; person: string; count: number };
  refused_act: { minute: Date; person: string; token: string; action: string; code: string; count: number };
  person: {
    id: string;
    name: string;
    email: string | null;
    email_normal: string | null;
    roles: Role[];
    state: PersonState;
    access_ends: Date | null;
    created_at: Date;
    last_seen_at: Date | null;
    refused_since: Generated<number>;
  };
  invitation: {
    hash: Buffer;
    person: string;
    created_at: Date;
    expires_at: Date;
    used_at: Date | null;
    invited_by: string | null;
  };
  password: { person: string; hash: string; changed_at: Date };
  totp: {
    person: string;
    secret: Buffer | null;
    since: Date | null;
    last_step: number | null;
    pending: Buffer | null;
  };
  passkey: {
    id: string;
    credential: string;
    person: string;
    name: string;
    public_key: Buffer;
    counter: number;
    transports: string[];
    made_for: string;
    created_at: Date;
    last_used_at: Date | null;
  };
  recovery_code: { hash: Buffer; person: string };
  answered_challenge: { hash: Buffer; expires_at: Date };
  throttle: { key: Buffer; attempts: number; last_at: Date; blocked_until: Date };
  session: {
    id: string;
    hash: Buffer;
    person: string;
    stage: Stage;
    methods: string[];
    created_at: Date;
    last_seen_at: Date;
    expires_at: Date;
    stepped_up_at: Date | null;
    address: string;
    browser: string;
    refused_before: Generated<number>;
  };
};
