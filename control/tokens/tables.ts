import type { Action } from '../platform/index.ts';

export type TokenTables = {
  api_token: {
    id: string;
    hash: Buffer;
    person: string;
    name: string;
    actions: Action[];
    created_at: Date;
    expires_at: Date;
    last_used_at: Date | null;
    last_used_address: string | null;
    revoked_at: Date | null;
    revoked_by: string | null;
  };
};
