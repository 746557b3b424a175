/** How accounts of ours at vendors are guarded, as the API at /api/v1/accounts answers. Times are ISO 8601. */
export const signInLevels = [
  'enforced',
  'phishing_resistant',
  'enrolled',
  'sms_only',
  'none',
  'unknown',
] as const;
export type SignInLevel = (typeof signInLevels)[number];
export type AccountEvidence = 'observed' | 'inferred' | 'declared' | 'unknown';

export const accountSources = [
  'openai_users',
  'anthropic_users',
  'entra_registration',
  'entra_assignments',
  'google_users',
  'okta_factors',
  'okta_app_users',
  'github_members',
  'aws_credential_report',
  'table',
] as const;
export type AccountSource = (typeof accountSources)[number];

export interface Attestation {
  id: string;
  level: SignInLevel;
  statement: string;
  /** SHA-256 in hexadecimal. */
  evidence: string;
  seenAt: string;
  expiresAt: string;
  expired: boolean;
  statedBy: string;
}

export interface VendorPosture {
  vendor: string;
  accounts: number;
  services: number;
  levels: Record<SignInLevel, number>;
  evidence: Record<AccountEvidence, number>;
  admins: number;
  adminUnknown: number;
  withoutSecondFactor: number;
  left: number;
  presenceUnknown: number;
  rule: { provider: string; source: string; statedAt: string; statedBy: string } | null;
  attestation: Attestation | null;
  lastImport: { id: string; at: string; asOf: string; source: string; accounts: number } | null;
}

export interface Account {
  id: string;
  email: string | null;
  name: string | null;
  role: string | null;
  admin: boolean | null;
  kind: 'person' | 'service';
  state: 'active' | 'invited' | 'suspended';
  level: SignInLevel;
  evidence: AccountEvidence;
  via: string | null;
  basis: string;
  asOf: string;
  stale: boolean;
  presence: 'here' | 'left' | 'unknown';
  addedAt: string | null;
  lastActiveAt: string | null;
}

export interface AccountsImported {
  id: string | null;
  accounts: number;
  added: number;
  gone: number;
  complete: boolean;
}
