import type { Issuer } from '../api/trust-types.ts';
import { listOf } from '../contract/rules.ts';

/** What is typed about an issuer: lists are lines. */
export interface IssuerDraft {
  name: string;
  issuer: string;
  clientId: string;
  domains: string;
  proves: 'no' | 'yes';
  acr: string;
  amr: string;
  newcomers: 'no' | 'yes';
  roles: string[];
  private: boolean;
  reason: string;
}

export const emptyIssuer: IssuerDraft = {
  name: '',
  issuer: '',
  clientId: '',
  domains: '',
  proves: 'no',
  acr: '',
  amr: '',
  newcomers: 'no',
  roles: [],
  private: false,
  reason: '',
};

export function draftOfIssuer(issuer: Issuer): IssuerDraft {
  const { name, clientId, domains, mfa, newRoles } = issuer;
  return {
    ...emptyIssuer,
    name,
    clientId,
    issuer: issuer.issuer,
    domains: domains.join('\n'),
    proves: mfa.acr.length + mfa.amr.length > 0 ? 'yes' : 'no',
    acr: mfa.acr.join('\n'),
    amr: mfa.amr.join('\n'),
    newcomers: newRoles === null ? 'no' : 'yes',
    roles: newRoles ?? [],
    private: issuer.private,
  };
}

/** As the API takes it, without the issuer's address. */
export function settableOf(draft: IssuerDraft): Omit<Partial<Issuer>, 'id' | 'issuer'> {
  const proves = draft.proves === 'yes';
  return {
    name: draft.name.trim(),
    clientId: draft.clientId.trim(),
    domains: listOf(draft.domains),
    mfa: { acr: proves ? listOf(draft.acr) : [], amr: proves ? listOf(draft.amr) : [] },
    newRoles: draft.newcomers === 'yes' ? draft.roles : null,
    private: draft.private,
  };
}

/** What was chosen and is not said: a proof without a value, letting in without a role. */
export function lackOf(draft: IssuerDraft): 'mfa' | 'roles' | null {
  if (draft.proves === 'yes' && listOf(draft.acr).length + listOf(draft.amr).length === 0) return 'mfa';
  return draft.newcomers === 'yes' && draft.roles.length === 0 ? 'roles' : null;
}
