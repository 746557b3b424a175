/** API tokens and issuers, as `/api/v1` answers them. */

export interface ApiToken {
  id: string;
  name: string;
  /** What it was made for; its person's rights limit it further. */
  actions: string[];
  state: 'works' | 'expired' | 'revoked';
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
  lastUsedAddress: string | null;
  revokedAt: string | null;
}

/** In the one answer in which it can be read. */
export interface NewApiToken extends ApiToken {
  token: string;
}
