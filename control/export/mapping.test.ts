import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toEcs } from './ecs.ts';
import type { ExportEvent } from './event.ts';
import { toOcsf } from './ocsf.ts';
import { changeEvent, crossingEvent, EcsSchema, OcsfSchema, settlementEvent } from './testing.ts';

const context = { deployment: 'made-up', cursor: 'abc', details: false };
const ocsf = (event: ExportEvent, details = false) =>
  OcsfSchema.parse(toOcsf(event, { ...context, details }));
const ecs = (event: ExportEvent, details = false) => EcsSchema.parse(toEcs(event, { ...context, details }));

const refused = { decision: 'refused', reason: 'policy_denied', stage: 'authorise' } as const;
const outcomes = [
  'answered',
  'connect_failed',
  'upstream_failed',
  'timed_out',
  'client_gone',
  'not_sent',
] as const;
const acts = [
  'connection.create',
  'connection.sever',
  'connection.mode',
  'contract.change',
  'credential.enter',
  'key.roll',
  'key.revoke',
  'break_glass.ask',
  'pack.remove',
  'gateway.enrol',
  'session.make_link',
  'session.open',
  'session.end',
  'session.refuse',
  'setting.write',
  'made.constructor',
  'toString',
];

const event: fc.Arbitrary<ExportEvent> = fc.oneof(
  fc
    .record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'PURGE', 'valueOf'),
      how: fc.constantFrom({}, refused, { mode: 'break_glass', break_glass: 'bg-1' } as const),
    })
    .map(({ method, how }) => crossingEvent({ method, ...how })),
  fc
    .record({
      outcome: fc.constantFrom(...outcomes),
      status: fc.option(fc.integer({ min: 100, max: 599 })),
      remote: fc.constantFrom(
        null,
        '192.0.2.7:443',
        '[2001:db8::1]:8443',
        'proxy.example:3128',
        'face.cafe:80',
        '',
      ),
      timings: fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { minLength: 10, maxLength: 10 }),
    })
    .map((part) => settlementEvent(part)),
  fc
    .record({
      act: fc.constantFrom(...acts),
      actor: fc.constantFrom('local-administrator', 'system:launcher'),
    })
    .map((part) => changeEvent({ ...part, detail: { person: 'local-administrator' } })),
);

test('every event has the form that the published schemas demand, in both formats', () => {
  fc.assert(
    fc.property(event, fc.boolean(), (one, details) => {
      ocsf(one, details);
      ecs(one, details);
    }),
  );
});

describe('what is said of', () => {
  test('a crossing that was forwarded', () => {
    expect(ocsf(crossingEvent())).toMatchObject({
      type_uid: 600301,
      status: 'Success',
      action_id: 1,
      time: Date.UTC(2025, 10, 9, 8),
      actor: { app_uid: 'app-1', app_name: 'Shop' },
      api: { operation: 'track' },
      dst_endpoint: { svc_name: 'mixpanel/analytics', name: 'Analytics' },
      metadata: { uid: 'made-up/gateway/gateway-1/0#41', event_code: 'crossing.forwarded' },
    });
    expect(ecs(crossingEvent())).toMatchObject({
      '@timestamp': '2025-11-09T08:00:00.000Z',
      event: { type: ['access', 'allowed'], outcome: 'success', action: 'crossing.forwarded' },
      service: { name: 'Shop', target: { name: 'mixpanel/analytics' } },
    });
  });

  test('a crossing that was refused', () => {
    expect(ocsf(crossingEvent(refused))).toMatchObject({
      severity: 'Low',
      status_id: 2,
      status_code: 'policy_denied',
      status_detail: 'A policy denied the request.',
      action: 'Denied',
      disposition: 'Blocked',
    });
    expect(ecs(crossingEvent(refused))).toMatchObject({
      event: { type: ['access', 'denied'], outcome: 'failure', code: 'policy_denied' },
    });
  });

  test('a crossing of the egress proxy: which host was asked for, and where that led', () => {
    const egress = { host: 'api.example.com', port: 443, mode: 'observe', would: null } as const;
    const asked = crossingEvent({ egress });
    expect(ocsf(asked)).toMatchObject({ dst_endpoint: { hostname: 'api.example.com', port: 443 } });
    expect(ecs(asked).destination).toEqual({
      address: 'api.example.com',
      domain: 'api.example.com',
      port: 443,
    });
    const came = settlementEvent({ remote: '192.0.2.7:443' }, { egress });
    expect(ocsf(came)).toMatchObject({
      dst_endpoint: {
        hostname: 'api.example.com',
        ip: '192.0.2.7',
        port: 443,
      },
    });
    expect(ecs(came).destination).toMatchObject({ domain: 'api.example.com', ip: '192.0.2.7' });
    const address = crossingEvent({ egress: { ...egress, host: '2001:db8::1' } });
    expect(ocsf(address)).toMatchObject({ dst_endpoint: { ip: '2001:db8::1' } });
    expect(ecs(address).destination).toEqual({ address: '2001:db8::1', ip: '2001:db8::1', port: 443 });
  });

  test('what came of it: how long it took, where it went, and whether the vendor took it', () => {
    expect(ocsf(settlementEvent())).toMatchObject({
      status: 'Success',
      duration: 25,
      http_response: { code: 200 },
      dst_endpoint: { ip: '192.0.2.7', port: 443 },
    });
    expect(ecs(settlementEvent())).toMatchObject({
      event: { outcome: 'success', duration: 24_700_000 },
      destination: { ip: '192.0.2.7', port: 443 },
    });
    expect(ocsf(settlementEvent({ status: 503 }))).toMatchObject({ status: 'Failure', status_code: '503' });
    expect(ecs(settlementEvent({ outcome: 'timed_out', status: null }))).toMatchObject({
      event: { outcome: 'failure', code: 'timed_out' },
    });
  });

  test.each([
    ['connection.create', 300401, 'creation'],
    ['contract.change', 300403, 'change'],
    ['key.revoke', 300404, 'deletion'],
    ['session.make_link', 300499, 'info'],
  ])('%s', (act, type, ecsType) => {
    expect(ocsf(changeEvent({ act }))).toMatchObject({
      type_uid: type,
      entity: { type: 'key', uid: 'key-1' },
      actor: { user: { uid: 'local-administrator' } },
    });
    expect(ecs(changeEvent({ act }))).toMatchObject({
      event: { category: ['configuration'], type: [ecsType], action: act },
      user: { id: 'local-administrator' },
    });
  });

  test('a sign-in, and a session that ended by itself: whose it was, not who ended it', () => {
    const session = { subject: { kind: 'session', id: 's-1' }, detail: { person: 'anna' } };
    expect(ocsf(changeEvent({ ...session, act: 'session.open', actor: 'anna' }))).toMatchObject({
      type_uid: 300201,
      user: { uid: 'anna' },
      session: { uid: 's-1' },
    });
    const ended = changeEvent({ ...session, act: 'session.end', actor: 'system:launcher' });
    expect(ocsf(ended)).toMatchObject({
      type_uid: 300202,
      user: { uid: 'anna' },
      actor: { user: { uid: 'system:launcher', type_id: 3 } },
    });
    expect(ecs(ended)).toMatchObject({
      event: { category: ['authentication', 'session'], type: ['end'] },
      user: { id: 'anna' },
    });
  });
});

test('refused sign-ins: how many, of which minute and with what; nobody is named', () => {
  const since = '2025-11-09T07:58:00.000Z';
  const refused = changeEvent({
    act: 'session.refuse',
    actor: 'system:launcher',
    subject: { kind: 'deployment', id: 'made-up' },
    detail: { why: 'link_used', count: 7, since },
  });
  expect(ocsf(refused)).toMatchObject({
    type_uid: 300201,
    status: 'Failure',
    status_code: 'link_used',
    count: 7,
    start_time: Date.parse(since),
    user: { type: 'Unknown' },
    severity: 'Low',
  });
  expect(ecs(refused)).toMatchObject({
    event: {
      category: ['authentication'],
      type: ['start'],
      outcome: 'failure',
      action: 'session.refuse',
      code: 'link_used',
      start: since,
    },
    drawbridge: { count: 7 },
  });
});

test('what people wrote goes out only where that is asked for', () => {
  for (const format of [toOcsf, toEcs]) {
    const written = (details: boolean) => JSON.stringify(format(changeEvent(), { ...context, details }));
    expect(written(false)).not.toContain('Anna');
    expect(written(true)).toContain('Anna Made-Up asked for it');
    expect(written(true)).toContain('"owner":"Anna Made-Up"');
  }
});
