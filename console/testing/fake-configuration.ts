import type { ConfigurationVersion, GatewayRow, Rollback } from '../api/fleet-types.ts';

/** A made-up history of configurations and the gateway that runs on the latest. */

const minute = 60_000;
export const versionInForce = 17;

const happenings = [
  [
    'connection.severed',
    'Mixpanel EU was severed: nothing crosses.',
    'connection.sever',
    'They were breached',
  ],
  [
    'key.made',
    'Key qwertyuiopasdfgh of web-shop was made, for Mixpanel EU.',
    'key.create',
    'Key for web-shop',
  ],
  [
    'connection.contract',
    'OpenAI API: contract version 2 is in force; it was 1.',
    'contract.change',
    'Let the funnel keep its names',
  ],
  [
    'connection.origins',
    'Mixpanel EU: origins: added https://www.example.com.',
    'connection.change',
    'The shop has a new address',
  ],
] as const;

export function fakeVersions(now: number): ConfigurationVersion[] {
  return Array.from({ length: versionInForce }, (_, back): ConfigurationVersion => {
    const version = versionInForce - back;
    const [code, text, act, reason] = happenings[back % happenings.length] ?? happenings[0];
    const at = new Date(now - (back * 37 + 4) * 60 * minute).toISOString();
    const subject = { kind: code.startsWith('key') ? 'key' : 'connection', id: 'mixpanel_eu' } as const;
    const first = version === 1;
    return {
      version,
      hash: `made-up-hash-of-version-${version}-${'x'.repeat(20)}`,
      publishedAt: at,
      before: first ? null : version - 1,
      changes: first
        ? []
        : [{ id: `change-${version}`, at, actor: 'local-administrator', reason, act, subject }],
      changesInAll: first ? 0 : 1,
      differences: first ? [] : [{ code, subject, text }],
      differencesInAll: first ? 0 : 1,
      inForce: version === versionInForce,
    };
  });
}

export function fakeRollback(to: number, reopen: boolean): Rollback {
  const mixpanel = { kind: 'connection', id: 'mixpanel_eu', name: 'Mixpanel EU' } as const;
  return {
    to,
    basedOn: versionInForce,
    putBack: [
      ...(reopen ? [{ subject: mixpanel, text: 'It is opened: requests cross again.' }] : []),
      { subject: mixpanel, text: 'Its origins are those of then: none.' },
      {
        subject: { kind: 'connection', id: 'openai', name: 'OpenAI API' },
        text: 'The rules of contract version 1 are in force again, as version 3.',
      },
    ],
    stays: [
      ...(reopen ? [] : [{ subject: mixpanel, text: 'It is severed and stays severed.' }]),
      {
        subject: { kind: 'key', id: 'qwertyuiopasdfgh', name: 'Key qwertyuiopasdfgh of web-shop' },
        text: 'It was revoked and stays so. Make a new key if its app needs one.',
      },
    ],
  };
}

export function fakeGateway(records: number): GatewayRow {
  return {
    id: 'gw-1',
    name: 'gw-1',
    lastSeenAt: new Date(Date.now() - 3000).toISOString(),
    snapshotVersion: versionInForce,
    wantedVersion: versionInForce,
    refused: null,
    journal: { shipped: records, behind: 0 },
    about: {
      workers: { wanted: 2, serving: 2 },
      tls: {
        subject: 'CN=gateway.example.test',
        issuer: 'CN=Made-up CA',
        expiresAt: new Date(Date.now() + 90 * 24 * 60 * minute).toISOString(),
        clientCertificates: false,
      },
      durability: 'synced',
      outboundProxy: false,
    },
  };
}
