import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError } from '../api/client.ts';
import type { EgressRules } from '../api/egress-types.ts';
import {
  changeOf,
  differenceOf,
  entriesOf,
  listNames,
  readEntries,
  wrongLines,
  wrongPorts,
} from './lists.ts';

const rules: EgressRules = {
  version: 3,
  mode: 'enforce',
  apps: [],
  ports: { connect: [443], http: [80] },
  allow: { vendors: ['github'], hosts: ['a.example'], countries: ['DE'] },
  deny: { vendors: ['odd'], hosts: ['*.bad.example'] },
  networks: ['10.20.0.0/16'],
  sni: true,
  changedAt: null,
  changedBy: null,
  reason: null,
  consequence: { days: 7, hosts: 0, refused: 0, apps: 0 },
};

test('a list that is opened and sent back says the same, and no other list is touched', () => {
  for (const list of listNames) {
    const read = readEntries(list, entriesOf(rules, list).join('\n')).map(({ text }) => text);
    expect(read).toEqual(entriesOf(rules, list));
    const changed = { ...rules, ...changeOf(rules, list, read) };
    expect(changed).toEqual(rules);
    const others = { ...rules, ...changeOf(rules, list, []) };
    for (const other of listNames)
      expect(entriesOf(others, other)).toEqual(other === list ? [] : entriesOf(rules, other));
  }
});

test('entries stand in one spelling, each once, in order, with the first line that has them', () => {
  expect(readEntries('allow_hosts', ' B.example \n\na.example\nb.example')).toEqual([
    { text: 'a.example', line: 3 },
    { text: 'b.example', line: 1 },
  ]);
  expect(readEntries('allow_countries', 'us\nDE')).toEqual([
    { text: 'DE', line: 2 },
    { text: 'US', line: 1 },
  ]);
  expect(readEntries('connect_ports', '8443\n443').map(({ text }) => text)).toEqual(['443', '8443']);
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ a-zA-Z0-9.*-]{0,20}$/)), (lines) => {
      const entries = readEntries('deny_hosts', lines.join('\n'));
      const texts = entries.map(({ text }) => text);
      expect(new Set(texts).size).toBe(texts.length);
      expect(texts).toEqual(texts.toSorted());
      for (const { text, line } of entries) expect(lines[line - 1]?.trim().toLowerCase()).toBe(text);
    }),
  );
});

test('what is wrong is told at its line, however the answer says it', () => {
  const entries = readEntries('networks', '192.168.0.0/16\n10.1.2.3/8');
  const detail = new ApiError(422, {
    code: 'invalid',
    detail: 'networks.0: 10.1.2.3/8 does not begin at its first address',
  });
  expect(wrongLines(detail, 'networks', entries)).toEqual([
    { text: '10.1.2.3/8', line: 2, message: 'does not begin at its first address' },
  ]);
  const fields = new ApiError(400, {
    code: 'invalid_request',
    detail: 'It is wrong.',
    errors: [{ field: 'networks.1', message: 'is no network' }],
  });
  expect(wrongLines(fields, 'networks', entries)).toEqual([
    { text: '192.168.0.0/16', line: 1, message: 'is no network' },
  ]);
  expect(wrongLines(fields, 'allow_hosts', entries)).toBeNull();
  expect(
    wrongLines(new ApiError(409, { detail: 'The rules were changed.' }), 'networks', entries),
  ).toBeNull();
});

test('a port is a number from 1 to 65535', () => {
  const entries = readEntries('http_ports', '0\n80\n65536\nhttps\n1e3');
  expect(
    wrongPorts('http_ports', entries)
      .map(({ line }) => line)
      .toSorted(),
  ).toEqual([1, 3, 4, 5]);
  expect(wrongPorts('allow_hosts', entries)).toEqual([]);
});

test('what comes and what goes', () => {
  expect(differenceOf(['a', 'b'], ['b', 'c'])).toEqual({ added: ['c'], gone: ['a'] });
});
