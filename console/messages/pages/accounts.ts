import { plural } from '../../design/format.ts';

export const accounts = {
  tab: 'Accounts at vendors',
  title: (without: number, accounts: number, vendors: number) =>
    `${without === 0 ? 'No' : without} of our ${plural(accounts, 'account', 'accounts')} at ${plural(vendors, 'vendor', 'vendors')} ${without === 1 ? 'is' : 'are'} known to have no second factor`,
  lead: (unknown: number) =>
    unknown === 0
      ? 'Of each it is known how it is guarded. Exports are believed for 90 days.'
      : `Of ${unknown} it is not known. Unknown is never counted as good: take in an export, or attest what you saw.`,
  emptyTitle: 'No account is known yet',
  empty:
    'Who of us can sign in at a vendor, with which rights and which second factor, never crosses the gateway. Take in what the vendor or your identity provider exports.',
  example: 'OpenAI: 14 accounts, 3 administrators, 1 held by somebody who left, 2 without a second factor.',
  take: 'Take in an export',
  vendor: 'Vendor',
  accountsHead: 'Accounts',
  levelsHead: 'How they are guarded',
  admins: 'Administrators',
  without: 'No factor',
  left: 'Left',
  asOf: 'As of',
  levels: {
    enforced: 'enforced',
    phishing_resistant: 'can’t be phished',
    enrolled: 'second factor',
    sms_only: 'by telephone only',
    none: 'none',
    unknown: 'unknown',
  },
  levelMeans: {
    enforced: 'The organisation asks for a second factor, and the account has one.',
    phishing_resistant: 'A passkey, security key or the like.',
    enrolled: 'A second factor is registered; whether it is asked for is not known.',
    sms_only: 'Only a telephone number, which can be taken over.',
    none: 'A password alone.',
    unknown: 'Nobody said, or too long ago.',
  },
  evidence: {
    observed: '● exported by the vendor',
    inferred: '◐ inferred from',
    declared: '○ attested',
    unknown: '? unknown',
  },
  legend: 'What the bars mean',
  vendorTitle: (vendor: string, accounts: number, left: number, without: number) =>
    accounts === 0
      ? `No account of ours at ${vendor} is known`
      : `${plural(accounts, 'person', 'people')} of ours can sign in at ${vendor}${left === 0 ? '' : `; ${left} of them left`}${without === 0 ? '' : `; ${without} without a second factor`}`,
  services: (services: number) =>
    services === 0
      ? ''
      : ` ${plural(services, 'account is', 'accounts are')} of programs, which have no second factor.`,
  presenceUnknown: (people: number) =>
    people === 0
      ? ''
      : ` Of ${people} it is not known whether they are still with us: no export of an identity provider names them.`,
  lastImport: 'The last export was made',
  noImport: 'No export was taken in.',
  person: 'Person',
  role: 'Role there',
  guarded: 'Second factor',
  basis: 'From',
  lastActive: 'Last active',
  administrator: 'administrator',
  notSaid: 'not said',
  leftMark: 'left us',
  suspended: 'suspended',
  invited: 'invited',
  service: 'program',
  stale: 'too old to count',
  people: 'Accounts',
  rests: 'What it rests on',
  rule: 'Sign-in rule',
  ruleNone:
    'Not stated where people sign in. Where everyone must use your identity provider, its second factor counts here.',
  ruleIs: (provider: string, by: string) => `Everyone signs in through ${provider}, as ${by} stated`,
  ruleSet: 'State a rule',
  ruleRemove: 'Take it back',
  provider: 'Identity provider',
  providerHint: 'Its id, as in the list of vendors: its exports say who has which factor.',
  ruleSource: 'Where one sees that it is so',
  ruleSourceHint: 'For example: the vendor’s page “Single sign-on: required for all members”.',
  attestation: 'Attestation',
  attestationNone:
    'None. Where a vendor exports nothing of second factors, write down what you saw, and when.',
  attest: 'Attest what you saw',
  attestationIs: (level: string, by: string) => `${by} saw: ${level}`,
  expires: 'holds until',
  expired: 'It ran out and counts no more.',
  withdraw: 'Withdraw it',
  levelField: 'What guards the accounts',
  statement: 'What you saw, where',
  evidenceFile: 'The screenshot or letter',
  evidenceHint:
    'It stays on your machine: only its SHA-256 is kept, so that you can show later that it is this one.',
  seenOn: 'Seen on',
  holdsUntil: 'Holds until',
  importTitle: 'Take in an export',
  source: 'What it is',
  sources: {
    openai_users: 'OpenAI: users of the organisation (JSON)',
    anthropic_users: 'Anthropic: users of the organisation (JSON)',
    entra_registration: 'Microsoft Entra: registration details (JSON)',
    entra_assignments: 'Microsoft Entra: assignments of an application (JSON)',
    google_users: 'Google Workspace: users (JSON)',
    okta_factors: 'Okta: users with their factors (JSON)',
    okta_app_users: 'Okta: users of an application (JSON)',
    github_members: 'GitHub: members of the organisation (JSON)',
    aws_credential_report: 'AWS: IAM credential report (CSV)',
    table: 'Any table (CSV)',
  },
  vendorField: 'At which vendor',
  vendorHint: 'Its id, such as openai or github. One that has no pack may have any name in small letters.',
  file: 'The file',
  fileHint: 'As the vendor gave it, unchanged; at most 4 MB.',
  madeOn: 'Made on',
  emailColumn: 'Column of the e-mail address',
  factorColumn: 'Column of the second factor',
  factorHint: 'Optional. Say below which word in it means that there is one, and which that there is none.',
  factorYes: 'Means a second factor',
  factorNo: 'Means none',
  preview: 'See what it would do',
  found: (accounts: number, added: number, gone: number, complete: boolean) =>
    `${plural(accounts, 'account', 'accounts')}: ${added} new, ${gone} not there any more.${complete ? '' : ' It is a part of the list: nobody is taken to be gone.'}`,
  takeIn: 'Take it in',
  reasonImport: (vendor: string) => `Export of accounts at ${vendor}`,
  reasonWithdraw: 'The attestation does not hold any more',
  reasonRemoveRule: 'The rule does not hold any more',
};
