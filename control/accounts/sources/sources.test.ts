import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Problem } from '../../platform/index.ts';
import { readExport, type Source, sourceNames } from './index.ts';

/** Made-up exports, of the shapes that the vendors document. */
const openai = {
  object: 'list',
  data: [
    {
      object: 'organization.user',
      id: 'user-made-up-1',
      name: 'Ada Example',
      email: 'ada@example.com',
      role: 'owner',
      added_at: 1_711_471_533,
    },
    {
      object: 'organization.user',
      id: 'user-made-up-2',
      name: null,
      email: 'bob@example.com',
      role: 'reader',
      added_at: 1_711_471_533,
      user: { enabled: false },
    },
    {
      object: 'organization.user',
      id: 'user-made-up-3',
      role: 'reader',
      is_service_account: true,
      added_at: 1_711_471_533,
    },
  ],
  first_id: 'user-made-up-1',
  last_id: 'user-made-up-3',
  has_more: false,
};
const anthropic = {
  data: [
    {
      type: 'user',
      id: 'user_made_up',
      email: 'ada@example.com',
      name: 'Ada Example',
      role: 'admin',
      added_at: '2026-01-30T23:58:27Z',
    },
  ],
  has_more: true,
  first_id: 'user_made_up',
  last_id: 'user_made_up',
};
const registration = (methods: string[], isMfaRegistered = true) => ({
  '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#reports',
  value: [
    {
      id: '00000000-0000-4000-8000-000000000001',
      userPrincipalName: 'ada@example.com',
      userDisplayName: 'Ada Example',
      userType: 'member',
      isAdmin: false,
      isMfaRegistered,
      isMfaCapable: isMfaRegistered,
      methodsRegistered: methods,
      lastUpdatedDateTime: '2026-11-01T03:04:05Z',
    },
  ],
});
const google = (enrolled: boolean, enforced: boolean) => ({
  kind: 'admin#directory#users',
  users: [
    {
      id: '100000000000000000001',
      primaryEmail: 'ada@example.com',
      name: { fullName: 'Ada Example' },
      isAdmin: true,
      isDelegatedAdmin: false,
      suspended: false,
      isEnrolledIn2Sv: enrolled,
      isEnforcedIn2Sv: enforced,
      creationTime: '2024-02-03T04:05:06.000Z',
      lastLoginTime: '1970-01-01T00:00:00.000Z',
    },
  ],
});
const okta = (factors: [string, string][], status = 'ACTIVE') => [
  {
    user: {
      id: '00u-made-up',
      status,
      created: '2025-01-01T00:00:00.000Z',
      lastLogin: null,
      profile: { login: 'ada@example.com', email: 'ada@example.com', displayName: 'Ada Example' },
    },
    factors: factors.map(([factorType, state]) => ({
      id: 'made-up',
      factorType,
      status: state,
      provider: 'OKTA',
    })),
  },
];
const github = {
  members: [
    { id: 1, login: 'ada-made-up', type: 'User' },
    { id: 2, login: 'bob-made-up', type: 'User' },
    { id: 3, login: 'eve-made-up', type: 'User' },
  ],
  admins: [{ id: 1, login: 'ada-made-up', type: 'User' }],
  two_factor_disabled: [{ id: 2, login: 'bob-made-up', type: 'User' }],
  two_factor_insecure: [{ id: 3, login: 'eve-made-up', type: 'User' }],
  two_factor_requirement_enabled: false,
};
const aws = [
  'user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active',
  '<root_account>,arn:aws:iam::000000000000:root,2020-01-01T00:00:00+00:00,not_supported,2026-01-01T00:00:00+00:00,false,false',
  'ada,arn:aws:iam::000000000000:user/ada,2021-01-01T00:00:00+00:00,true,no_information,true,false',
  'deploy,arn:aws:iam::000000000000:user/deploy,2021-01-01T00:00:00+00:00,false,N/A,false,true',
].join('\n');

const read = (source: Source, content: unknown) =>
  readExport(source, typeof content === 'string' ? content : JSON.stringify(content), undefined);
const level = (source: Source, content: unknown) => read(source, content).accounts[0]?.level;

describe('what vendors export', () => {
  test('OpenAI: roles, services, who is disabled; nothing of second factors', () => {
    const { accounts, complete } = read('openai_users', openai);
    expect(complete).toBe(true);
    expect(
      accounts.map(({ email, admin, kind, state, level: found }) => [email, admin, kind, state, found]),
    ).toEqual([
      ['ada@example.com', true, 'person', 'active', 'unknown'],
      ['bob@example.com', false, 'person', 'suspended', 'unknown'],
      [null, false, 'service', 'active', 'unknown'],
    ]);
    expect(accounts[0]?.addedAt?.toISOString()).toBe('2024-03-26T16:45:33.000Z');
  });

  test('Anthropic: a page that more follow is a part', () => {
    expect(read('anthropic_users', anthropic)).toMatchObject({
      complete: false,
      accounts: [{ admin: true, level: 'unknown', role: 'admin' }],
    });
  });

  test.each<[string[], boolean, string]>([
    [['fido2SecurityKey', 'mobilePhone'], true, 'phishing_resistant'],
    [['windowsHelloForBusiness'], true, 'phishing_resistant'],
    [['microsoftAuthenticatorPush', 'mobilePhone'], true, 'enrolled'],
    [['softwareOneTimePasscode'], true, 'enrolled'],
    [['mobilePhone', 'email'], true, 'sms_only'],
    [['officePhone'], true, 'sms_only'],
    [[], true, 'enrolled'],
    [['email'], false, 'none'],
    [['fido2SecurityKey'], false, 'none'],
  ])('Entra: %j, registered %s, is %s', (methods, registered, found) => {
    expect(level('entra_registration', registration(methods, registered))).toBe(found);
  });

  test('Entra’s assignments: people once each; a group makes the list a part', () => {
    const one = { principalId: 'p-1', principalType: 'User', principalDisplayName: 'Ada Example' };
    const group = { principalId: 'g-1', principalType: 'Group', principalDisplayName: 'Everyone' };
    expect(read('entra_assignments', { value: [one, one] })).toMatchObject({
      complete: true,
      accounts: [{ externalId: 'p-1', email: null, level: 'unknown' }],
    });
    expect(read('entra_assignments', { value: [one, group] }).complete).toBe(false);
  });

  test('Google: enforced only with an enrolment; never signed in is no time', () => {
    expect(level('google_users', google(true, true))).toBe('enforced');
    expect(level('google_users', google(true, false))).toBe('enrolled');
    expect(level('google_users', google(false, true))).toBe('none');
    expect(read('google_users', google(true, true)).accounts[0]).toMatchObject({
      admin: true,
      lastActiveAt: null,
    });
  });

  test.each<[[string, string][], string]>([
    [
      [
        ['webauthn', 'ACTIVE'],
        ['sms', 'ACTIVE'],
      ],
      'phishing_resistant',
    ],
    [
      [
        ['webauthn', 'PENDING_ACTIVATION'],
        ['push', 'ACTIVE'],
      ],
      'enrolled',
    ],
    [[['token:software:totp', 'ACTIVE']], 'enrolled'],
    [
      [
        ['sms', 'ACTIVE'],
        ['call', 'ACTIVE'],
      ],
      'sms_only',
    ],
    [
      [
        ['email', 'ACTIVE'],
        ['question', 'ACTIVE'],
      ],
      'none',
    ],
    [[['push', 'NOT_SETUP']], 'none'],
  ])('Okta: %j is %s', (factors, found) => {
    expect(level('okta_factors', okta(factors))).toBe(found);
  });

  test('Okta: a deprovisioned user does not sign in', () => {
    expect(read('okta_factors', okta([], 'DEPROVISIONED')).accounts[0]?.state).toBe('suspended');
  });

  test('GitHub: by the lists; what no list says is unknown, never good', () => {
    const found = (given: object) => read('github_members', given).accounts.map((one) => one.level);
    expect(found(github)).toEqual(['enrolled', 'none', 'sms_only']);
    expect(found({ ...github, two_factor_requirement_enabled: true })).toEqual([
      'enforced',
      'none',
      'sms_only',
    ]);
    expect(found({ ...github, two_factor_insecure: null })).toEqual(['unknown', 'none', 'unknown']);
    expect(found({ members: github.members, two_factor_requirement_enabled: true })).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ]);
    expect(read('github_members', { members: github.members }).accounts[0]?.admin).toBeNull();
  });

  test('AWS: the root account always signs in; a user without a password never does', () => {
    expect(read('aws_credential_report', aws).accounts).toMatchObject([
      { admin: true, kind: 'person', level: 'none' },
      { admin: null, kind: 'person', level: 'enrolled', lastActiveAt: null },
      { kind: 'service', level: 'unknown' },
    ]);
  });
});

describe('a table by mapping', () => {
  const table = 'Mail;Who;Rights;2FA\nada@example.com;Ada;Admin;Key\nbob@example.com;Bob;User;Nothing said\n';
  const mapping = {
    email: 'Mail',
    name: 'Who',
    role: 'Rights',
    admin: { column: 'Rights', is: ['admin'] },
    secondFactor: { column: '2FA', is: { phishing_resistant: ['key'], none: ['no'] } },
  };
  test('says what the mapping says, and what it does not is unknown', () => {
    expect(readExport('table', table, mapping).accounts).toMatchObject([
      { externalId: 'ada@example.com', admin: true, level: 'phishing_resistant', role: 'Admin' },
      { externalId: 'bob@example.com', admin: false, level: 'unknown', role: 'User' },
    ]);
  });
  test('a mapping must fit the table', () => {
    expect(() => readExport('table', table, { email: 'E-Mail' })).toThrow('no column "E-Mail"');
    expect(() => readExport('table', table, undefined)).toThrow('which column says what');
    expect(() => readExport('table', `${table};Eve;User;No\n`, mapping)).toThrow('line 4');
  });
});

describe('what is no export', () => {
  const wrong: [Source, string, string][] = [
    ['openai_users', '{', 'is not JSON'],
    ['openai_users', JSON.stringify(anthropic), 'GET /v1/organization/users'],
    ['anthropic_users', JSON.stringify(openai), 'GET /v1/organizations/users'],
    ['entra_registration', JSON.stringify({ value: [{}] }), 'value.0.id'],
    ['google_users', JSON.stringify({ users: [{ primaryEmail: 'ada@example.com' }] }), 'users.0.id'],
    ['okta_factors', '{}', 'the whole'],
    ['aws_credential_report', 'user,arn\nada,arn:made-up', 'no column password_enabled, mfa_active'],
    [
      'openai_users',
      JSON.stringify({ ...openai, data: [openai.data[0], openai.data[0]] }),
      'account 2 is there twice',
    ],
  ];
  test.each(wrong)('%s %#: says where it differs', (source, content, words) => {
    expect(() => read(source, content)).toThrow(words);
  });

  test('a refusal quotes nothing of what was handed in', () => {
    for (const content of ['{"email": "ada@example.com", ', '[{"user":{"id":{"ada@example.com":1}}}]']) {
      for (const source of sourceNames) {
        const attempt = () => readExport(source, content, { email: 'Mail' });
        expect(attempt).toThrow(/^(?!.*ada@example)/);
      }
    }
  });

  test('any JSON is an export or a problem', () => {
    fc.assert(
      fc.property(fc.constantFrom(...sourceNames), fc.json(), (source, content) => {
        try {
          readExport(source, content, { email: 'Mail' });
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
    );
  });
});
