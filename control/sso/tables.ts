import type { Role } from '../identity/index.ts';

export type SsoTables = {
  oidc_issuer: {
    id: string;
    name: string;
    issuer: string;
    client_id: string;
    domains: string[];
    mfa_acr: string[];
    mfa_amr: string[];
    new_roles: Role[] | null;
    private: boolean;
    created_at: Date;
    created_by: string;
    removed_at: Date | null;
  };
  oidc_identity: {
    issuer: string;
    subject: string;
    person: string;
    linked_at: Date;
    last_used_at: Date;
  };
  oidc_flow: {
    state: Buffer;
    browser: Buffer;
    issuer: string;
    nonce: string;
    verifier: string;
    path: string;
    expires_at: Date;
  };
};
