import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { containerLines, githubIssuer, githubLines, kindOf, podLines, shellLines } from './snippet.ts';

const origin = 'https://drawbridge.example';
const workload = { id: '0199-made-up', audience: origin };

test('it is told by the tokens where a workload runs', () => {
  expect(kindOf({ issuer: githubIssuer, subject: 'repo:a/b:ref:refs/heads/main' })).toBe('github');
  expect(kindOf({ issuer: 'https://k8s.example', subject: 'system:serviceaccount:a:b' })).toBe('kubernetes');
  expect(kindOf({ issuer: 'https://ci.example', subject: 'job:1' })).toBe('other');
});

test('lines have the id, the audience and this console in them, and no place to fill in', () => {
  const github = githubLines(workload, origin);
  expect(github).toContain('id-token: write');
  expect(github).toContain('&audience=https%3A%2F%2Fdrawbridge.example');
  expect(github).toContain('::add-mask::$KEY');
  for (const text of [github, shellLines(workload, origin), containerLines(workload, origin)]) {
    expect(text).toContain(`'${origin}/api/v1/workload/exchange'`);
    expect(text).toContain(`'${workload.id}'`);
  }
  expect(podLines(workload)).toContain(`audience: "${origin}"`);
});

test('whatever the audience and the id are, a shell reads them as text', () => {
  const nasty = fc.string({
    unit: fc.constantFrom(...`'"$\`(){};&|\\ <>!*?a-:/`),
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(nasty, nasty, (id, audience) => {
      const lines = githubLines({ id, audience }, origin)
        .split('\n')
        .slice(4, 7)
        .map((line) => line.trim())
        .join('\n');
      // Both programs print what they were given instead of doing anything.
      const told = `curl() { for a; do printf '%s\\n' "$a" >&3; done; }; jq() { for a; do printf '%s\\n' "$a" >&3; done; }`;
      const heard = execFileSync(
        'sh',
        ['-c', `exec 3>&1; ACTIONS_ID_TOKEN_REQUEST_URL=url; ${told}\n${lines}`],
        {
          encoding: 'utf8',
        },
      ).split('\n');
      expect(heard).toContain(`url&audience=${encodeURIComponent(audience)}`);
      expect(heard).toContain(id);
    }),
    { numRuns: 40 },
  );
});
