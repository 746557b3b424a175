import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Problem } from '../platform/index.ts';
import { looksLikeKey } from './held-key.ts';
import { readAwsReport } from './read-csv.ts';
import { readJsonList } from './read-json.ts';

/** Made-up lists in the documented formats. */

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);

test('AWS: up to two access keys of each user, and which of them was made anew', () => {
  const head =
    'user,arn,user_creation_time,password_enabled,password_last_changed,mfa_active,access_key_1_active,' +
    'access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,' +
    'access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date';
  const rows = [
    '<root_account>,arn:aws:iam::123456789012:root,2020-01-01T00:00:00+00:00,not_supported,not_supported,true,true,2020-01-01T00:00:10+00:00,N/A,N/A,N/A,false,N/A,N/A',
    'deploy,arn:aws:iam::123456789012:user/deploy,2021-01-01T00:00:00+00:00,true,2021-01-01T00:00:00+00:00,false,true,2025-01-01T00:00:00+00:00,2025-11-01T00:00:00+00:00,eu-central-1,s3,false,2022-01-01T00:00:00+00:00,N/A',
    'person,arn:aws:iam::123456789012:user/person,2021-01-01T00:00:00+00:00,true,N/A,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A',
  ];
  const { keys, refused } = readAwsReport([head, ...rows].join('\n'));
  expect(refused).toEqual([]);
  expect(keys).toMatchObject([
    { label: '<root_account>, access key 1', owner: null, active: true, rotatedAt: null, lastUsedAt: null },
    {
      externalId: 'arn:aws:iam::123456789012:user/deploy access_key_1',
      owner: 'deploy',
      madeAt: null,
      rotatedAt: day('2025-01-01'),
      lastUsedAt: day('2025-11-01'),
      scopes: ['last used for s3'],
    },
    { externalId: 'arn:aws:iam::123456789012:user/deploy access_key_2', active: false },
  ]);
});

test('OpenAI: keys of a project and of the administration, one page or several', () => {
  const owner = { type: 'user', user: { id: 'user-made-up', name: 'Ada Example', email: 'ada@example.com' } };
  const key = {
    object: 'organization.project.api_key',
    redacted_value: 'sk-abc...def',
    name: 'Shop',
    created_at: 1735689600,
    last_used_at: 1761955200,
    id: 'key_made_up',
    owner,
  };
  const admin = {
    ...key,
    object: 'organization.admin_api_key',
    id: 'key_2',
    owner: { type: 'user', id: 'user-2', name: null },
  };
  const pages = [
    { object: 'list', data: [key], has_more: true },
    { object: 'list', data: [admin], has_more: false },
  ];
  expect(readJsonList('openai', JSON.stringify(pages)).keys).toMatchObject([
    {
      externalId: 'key_made_up',
      owner: 'Ada Example',
      madeAt: day('2025-01-01'),
      lastUsedAt: day('2025-11-01'),
    },
    { externalId: 'key_2', kind: 'admin_key', owner: 'user-2' },
  ]);
  expect(() => readJsonList('openai', JSON.stringify(pages[0]))).toThrow('has more pages than are here');
});

test('Anthropic: without a last use, which it does not say', () => {
  const key = {
    type: 'api_key',
    id: 'apikey_01Rj2N8SVvo6BePZj99NhmiT',
    name: 'Shop',
    created_at: '2025-01-01T00:00:00Z',
    created_by: { id: 'user_made_up', type: 'user' },
    partial_key_hint: 'sk-ant-api03-R2D...igAA',
    status: 'inactive',
    workspace_id: 'wrkspc_made_up',
    expires_at: null,
  };
  expect(readJsonList('anthropic', JSON.stringify({ data: [key], has_more: false })).keys).toMatchObject([
    { externalId: key.id, active: false, tellsUse: false, lastUsedAt: null, owner: 'user_made_up' },
  ]);
});

test('GitHub: deploy keys with their public halves, and fine-grained tokens', () => {
  const deploy = {
    id: 1,
    key: `ssh-ed25519 ${'Aa1'.repeat(22)}`,
    url: 'https://api.github.com/repos/example/shop/keys/1',
    title: 'runner',
    verified: true,
    created_at: '2025-01-01T00:00:00Z',
    read_only: false,
    added_by: 'ada-example',
    last_used: null,
  };
  expect(readJsonList('github_deploy_keys', JSON.stringify([deploy]))).toMatchObject({
    refused: [],
    keys: [
      { externalId: 'example/shop#1', place: 'example/shop', scopes: ['read and write'], tellsUse: true },
    ],
  });
  const token = {
    id: 25381,
    owner: { login: 'ada-example', id: 1 },
    repository_selection: 'all',
    permissions: { repository: { metadata: 'read' } },
    access_granted_at: '2025-01-01T00:00:00Z',
    token_id: 98716,
    token_name: 'ci',
    token_expired: true,
    token_expires_at: '2025-11-16T08:47:09.000-07:00',
    token_last_used_at: null,
  };
  expect(readJsonList('github_tokens', JSON.stringify([token])).keys).toMatchObject([
    { externalId: '98716', label: 'ci', owner: 'ada-example', active: false, scopes: ['repositories: all'] },
  ]);
});

test('what is not of the format is refused by item and member, and nothing of it is quoted', () => {
  const list = JSON.stringify([{ object: 'organization.project.api_key', id: 'k', created_at: 'never' }]);
  expect(() => readJsonList('openai', list)).toThrow(/content: line 1, created_at/);
  const marker = 'a-marker-nobody-may-see';
  const broken = () => readJsonList('openai', `{"data": [\n ${marker}`);
  expect(broken).toThrow(/line 2, column \d+: is not JSON/);
  expect(broken).not.toThrow(marker);
});

test.each([
  ['value', 'sk-proj-aaaaaaaaaaaaaaaaaaaaaaaa', true],
  ['name', `ghp_${'a1'.repeat(18)}`, true],
  ['note', 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12', true],
  ['secret', 'aaaaaaaaaaaaaaaaaaaaaaaaa', true],
  ['key', '-----BEGIN OPENSSH PRIVATE KEY-----', true],
  ['redacted_value', 'sk-abc...def', false],
  ['key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMadeUpMadeUpMadeUp', false],
  ['id', '0197e1f0-0000-7000-8000-000000000001', false],
  ['id', 'key_aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3', false],
  ['owner', 'Ada Example', false],
  ['password_last_changed', '2021-01-01T00:00:00+00:00', false],
  ['url', 'https://api.example.com/repos/Example/Shop1/keys/aB3aB3aB3aB3', false],
])('in column %s, %s looks like a whole key: %s', (column, text, is) => {
  expect(looksLikeKey(column, text)).toBe(is);
});

test('whatever is handed in: keys, or a problem that says where', () => {
  const value = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.array(fc.object({ maxDepth: 2 })));
  fc.assert(
    fc.property(value, fc.string(), (given, text) => {
      for (const read of [
        () => readJsonList('openai', JSON.stringify(given)),
        () => readJsonList('github_tokens', text),
        () => readAwsReport(text),
      ]) {
        try {
          expect(read().keys.length).toBeLessThan(100);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }
    }),
  );
});
