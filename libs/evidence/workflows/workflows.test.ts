import { expect, test } from 'vitest';
import { readText } from '../testing/read-text.ts';
import { mcpServers } from './mcp.ts';
import { n8n } from './n8n.ts';

/** Workflows and agents. All of it is made up. */
const SECRET = 'hunter2-made-up-secret';
const kinds = (format: typeof n8n, value: unknown) => {
  const traces = readText(format, JSON.stringify(value, null, 1), 7);
  expect(JSON.stringify([traces.list(), traces.unread])).not.toContain('hunter2');
  return traces.list().map(({ kind, value, grade, detail }) => [kind, value, grade, detail.registry ?? null]);
};

test('an agent’s MCP servers: where they are, what they run, what their variables are called, and no value', () => {
  const servers = {
    remote: {
      type: 'http',
      url: `https://mcp.acme.example/${SECRET}?k=${SECRET}`,
      headers: { Authorization: SECRET },
    },
    local: {
      command: '/usr/bin/npx',
      args: ['-y', '@acme/mcp-server@1.2.3', '--token', SECRET],
      env: { ACME_API_KEY: SECRET, ACME_URL: 'https://eu.acme.example/v1' },
    },
    python: { command: 'uvx', args: ['Beta_Mcp==2'] },
    ours: { command: 'node', args: ['server.js', SECRET] },
  };
  const says = [
    ['host', 'mcp.acme.example', 'configured', null],
    ['variable', 'ACME_API_KEY', 'configured', null],
    ['variable', 'ACME_URL', 'configured', null],
    ['host', 'eu.acme.example', 'configured', null],
    ['package', '@acme/mcp-server', 'configured', 'npm'],
    ['package', 'beta-mcp', 'configured', 'pypi'],
  ];
  expect(kinds(mcpServers, { mcpServers: servers })).toEqual(says);
  expect(kinds(mcpServers, { servers })).toEqual(says);
  expect(kinds(mcpServers, { mcpServers: [1, null], servers: 'x' })).toEqual([]);
  expect(
    kinds(mcpServers, { mcpServers: { a: null, b: { url: 7, args: [1], command: 'npx', env: [] } } }),
  ).toEqual([]);
});

test('n8n: services by the kinds of credentials, hosts of whole URLs; none of what is off, general, or an expression', () => {
  const node = (given: object) => ({ type: 'n8n-nodes-base.made-up', name: SECRET, ...given });
  const of = (kind: string) => ({ credentials: { [kind]: { id: SECRET, name: SECRET } } });
  const workflow = {
    name: SECRET,
    nodes: [
      node(of('openAiApi')),
      node(of('slackOAuth2Api')),
      node({ ...of('notionApi'), disabled: true }),
      node(of('httpHeaderAuth')),
      node(of('oAuth2Api')),
      node({
        parameters: {
          url: `https://hooks.acme.example/${SECRET}`,
          deep: [{ more: 'http://eu.acme.example' }],
          text: `see https://not.acme.example ${SECRET}`,
          made: '=https://{{ $json.host }}/x',
        },
      }),
    ],
  };
  const says = [
    ['service', 'openAi', 'configured', null],
    ['service', 'slack', 'configured', null],
    ['host', 'hooks.acme.example', 'configured', null],
    ['host', 'eu.acme.example', 'configured', null],
  ];
  expect(kinds(n8n, workflow)).toEqual(says);
  expect(kinds(n8n, [workflow, { nodes: 'x' }, 3])).toEqual(says);
});

test('are told from other files by what only they have', () => {
  expect([mcpServers.fits('x/.mcp.json', '{}'), mcpServers.fits('a.json', '{"mcpServers": {')]).toEqual([
    1, 0.95,
  ]);
  expect([mcpServers.fits('package.json', '{"servers":'), mcpServers.fits('x/tmcp.json', '{}')]).toEqual([
    0, 0,
  ]);
  expect(n8n.fits('a.json', '{"nodes":[{"type": "n8n-nodes-base.slack"')).toBe(0.95);
  expect(n8n.fits('a.json', '{"nodes":[{"type":"@n8n/n8n-nodes-langchain.agent"')).toBe(0.95);
  expect(n8n.fits('a.json', '{"nodes":[{"type":"other.slack"')).toBe(0);
});
