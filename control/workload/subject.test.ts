import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesSubject, wrongPattern } from './subject.ts';

test.each([
  ['repo:octo/app:ref:refs/heads/main', 'repo:octo/app:ref:refs/heads/main', true],
  ['repo:octo/app:ref:refs/heads/*', 'repo:octo/app:ref:refs/heads/main', true],
  ['repo:octo/app:ref:refs/heads/*', 'repo:octo/app:ref:refs/heads/feature/one', false],
  ['repo:octo/app:ref:refs/heads/*', 'repo:octo/app:ref:refs/tags/main', false],
  ['repo:octo/app-*:environment:prod', 'repo:octo/app-2:environment:prod', true],
  ['repo:octo/app-*:environment:prod', 'repo:octo/app-2:x:environment:prod', false],
  ['repo:octo/*:pull_request', 'repo:octo/app:pull_request', true],
  ['repo:octo/*:pull_request', 'repo:octo-evil/app:pull_request', false],
  ['system:serviceaccount:pay:*', 'system:serviceaccount:pay:worker', true],
  ['system:serviceaccount:pay:*', 'system:serviceaccount:pay', false],
  ['system:serviceaccount:pay:*', 'system:serviceaccount:pay:a:b', false],
  ['system:serviceaccount:pay:w*k*r', 'system:serviceaccount:pay:worker', true],
  ['system:serviceaccount:pay:w*kk*r', 'system:serviceaccount:pay:worker', false],
  ['system:serviceaccount:pay:ab*ba', 'system:serviceaccount:pay:aba', false],
  ['a:b:c', 'a/b:c', false],
  ['110169484474386276334', '110169484474386276334', true],
  ['a:b:.*', 'a:b:xy', false],
])('%s means %s: %s', (pattern, subject, expected) => {
  expect(matchesSubject(pattern, subject)).toBe(expected);
});

test.each(['*', 'repo:*', 'repo:*/app:ref', 'r*:octo/app', '', 'a b', 'a:b:\u0000', 'x'.repeat(301)])(
  '%j is no pattern',
  (pattern) => {
    expect(wrongPattern(pattern)).toMatch(/\w/);
  },
);

const segment = fc.stringMatching(/^[a-z*]{0,6}$/);
const pattern = fc
  .array(segment, { minLength: 3, maxLength: 6 })
  .map((segments) => ['repo', 'octo', ...segments].join(':'));

test('a star stands for characters of one segment, as a regular expression says it', () => {
  fc.assert(
    fc.property(pattern, fc.stringMatching(/^[a-z]{0,5}(:[a-z/]{0,5}){0,6}$/), (wanted, rest) => {
      const expression = new RegExp(`^${wanted.replaceAll('*', '[^:/]*')}$`);
      for (const subject of [`repo:octo:${rest}`, wanted.replaceAll('*', 'zz'), wanted.replaceAll('*', '')])
        expect(matchesSubject(wanted, subject)).toBe(expression.test(subject));
    }),
  );
});
