import { header } from '@drawbridge/standins';
import mixpanel from 'mixpanel';
import { describe, expect, it } from 'vitest';
import { everythingIn, MIXPANEL_TOKEN, PSEUDONYM, reaching, type World } from './world.ts';

type Side = 'asIs' | 'recommended';
type Callback = (error: Error | undefined) => void;

function done(call: (callback: Callback) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error ? reject(error) : resolve()));
  });
}

/** Mixpanel's SDK for Node, unmodified, through the gateway. Everyone in it is made up. */
export function mixpanelNodeSuite(world: () => World): void {
  const client = (side: Side = 'recommended', more: { token?: string; verbose?: boolean } = {}) => {
    const url = new URL(world()[side].mixpanelUrl);
    return mixpanel.init(more.token ?? world()[side].secretKey, {
      host: url.host,
      protocol: 'http',
      path: url.pathname,
      verbose: more.verbose ?? false,
    });
  };
  const vendor = (side: Side = 'recommended') => world()[side].mixpanel;
  const time = 1_795_000_000;
  const track =
    (side: Side, name: string, properties: object, more = {}) =>
    () =>
      done((callback) => client(side, more).track(name, { time, ...properties }, callback));

  describe('works as before', () => {
    it('track, which the SDK sends as GET: personal data in the query does not go on in a query', async () => {
      const [request, ...others] = await reaching(
        vendor(),
        track('recommended', 'Opened', { distinct_id: 'anna' }),
      );
      expect(others).toEqual([]);
      expect(request?.method).toBe('POST');
      expect(request?.query.get('data')).toBeNull();
      expect(vendor().store.events.at(-1)?.properties).toMatchObject({ time, mp_lib: 'node' });
    });

    it('verbose answers', async () => {
      await track('recommended', 'Opened', { distinct_id: 'anna' }, { verbose: true })();
    });

    it('as is stores what the vendor would have got without us', async () => {
      const properties = {
        distinct_id: 'anna',
        $city: 'Graz',
        note: 'ünusual/+?&=',
        nested: { a: [1, 2.5, null] },
      };
      await track('asIs', 'Invite sent', properties)();
      const through = vendor('asIs').store.events.at(-1);
      const direct = mixpanel.init(MIXPANEL_TOKEN, {
        host: new URL(vendor('asIs').url).host,
        protocol: 'http',
      });
      world().sentStraight += 1;
      await done((callback) => direct.track('Invite sent', { time, ...properties }, callback));
      const straight = vendor('asIs').store.events.at(-1);
      expect(through?.properties).toEqual(straight?.properties);
      expect([through?.event, through?.time]).toEqual([straight?.event, straight?.time]);
    });

    it('batches: all events, in order, in as many requests as the SDK makes', async () => {
      const events = Array.from({ length: 120 }, (_, index) => ({
        event: 'Counted',
        properties: { distinct_id: `person-${index % 7}`, time: time + index },
      }));
      const before = vendor().store.events.length;
      const reached = await reaching(vendor(), () =>
        done((callback) =>
          client().track_batch(events, { max_batch_size: 40 }, (errors) => callback(errors?.[0])),
        ),
      );
      expect(reached.map((request) => request.method)).toEqual(['POST', 'POST', 'POST']);
      const times = vendor()
        .store.events.slice(before)
        .map((event) => event.time);
      expect(times.toSorted((a, b) => a - b)).toEqual(events.map((event) => event.properties.time));
    });
  });

  describe('the vendor gets only what the contract allows', () => {
    it('recommended: an event without anyone in it, under the real token', async () => {
      const properties = {
        distinct_id: 'anna.berger@example.com',
        $email: 'anna.berger@example.com',
        $name: 'Anna Berger',
        ip: '192.0.2.17',
        $city: 'Graz',
        mp_country_code: 'DE',
        org_id: 'org-of-anna',
        $current_url: 'https://app.example.com/members/anna.berger@example.com?invited_by=ben@example.org',
        $referrer: 'https://search.example.net/?q=anna+berger',
        billing_contact: 'anna.berger@example.com',
      };
      const requests = await reaching(vendor(), track('recommended', 'Invited ben@example.org', properties));
      const stored = vendor().store.events.at(-1);
      expect(stored?.event).toMatch(PSEUDONYM);
      expect(stored?.geolocatedFrom).toBeNull();
      expect(stored?.properties).toMatchObject({
        distinct_id: expect.stringMatching(PSEUDONYM),
        org_id: expect.stringMatching(PSEUDONYM),
        mp_country_code: 'DE',
        time,
      });
      const text = everythingIn(requests);
      for (const personal of [
        'anna',
        'berger',
        'ben@',
        '192.0.2',
        'Graz',
        'org-of',
        'search.example',
        'billing_contact',
      ]) {
        expect(text.toLowerCase()).not.toContain(personal.toLowerCase());
      }
      expect(text).toContain(MIXPANEL_TOKEN);
      expect(text).not.toContain(world().recommended.secretKey);
      expect(requests.map((request) => header(request, 'x-forwarded-for'))).toEqual([null]);
    });

    it('recommended: track, people, alias and groups still speak of the same person and organisation', async () => {
      const to = client();
      const before = vendor().requests.length;
      await done((callback) => to.track('Joined', { distinct_id: 'carl', org_id: 'acme', time }, callback));
      await done((callback) =>
        to.people.set('carl', { $email: 'carl@example.org', $browser: 'Chrome' }, callback),
      );
      await done((callback) => to.people.set_once('carl', '$created', '2026-01-01T00:00:00', callback));
      await done((callback) => to.people.union('carl', { org_id: ['acme'] }, callback));
      await done((callback) => to.alias('carl', 'carl@example.org', callback));
      await done((callback) =>
        to.track('Left', { distinct_id: 'carl@example.org', time: time + 1 }, callback),
      );
      await done((callback) => to.groups.set('org_id', 'acme', { $name: 'Acme' }, callback));
      const people = vendor()
        .store.people()
        .filter((person) =>
          person.events.some(({ event, request }) => event === '$create_alias' && request >= before),
        );
      const [carl, ...others] = people;
      expect(others).toEqual([]);
      expect(carl?.events).toHaveLength(3);
      expect(carl?.profile).toMatchObject({ $browser: 'Chrome', org_id: [expect.stringMatching(PSEUDONYM)] });
      const groups = [...vendor().store.groups.values()].map((group) => group.id);
      expect(groups).toContain(carl?.events[0]?.properties.org_id);
      expect(JSON.stringify([carl, groups])).not.toMatch(/carl|acme|example\.org/i);
    });

    it('recommended: names mean nothing, and still count', async () => {
      const before = vendor().store.events.length;
      for (const [who, names] of Object.entries({
        dora: ['First', 'Second'],
        emil: ['First'],
        fritz: ['Second'],
      })) {
        for (const [index, name] of names.entries()) {
          await track('recommended', name, { distinct_id: who, time: time + index })();
        }
      }
      const [first, second] = vendor()
        .store.events.slice(before)
        .map((event) => event.event);
      expect([first, second]).toEqual([expect.stringMatching(PSEUDONYM), expect.stringMatching(PSEUDONYM)]);
      expect(vendor().store.funnel([first ?? '', second ?? ''])).toEqual([2, 1]);
    });
  });

  describe('attempts', () => {
    it('one, none at the vendor, and an error for the app when the key is unknown', async () => {
      const reached = await reaching(vendor(), () =>
        expect(
          track('recommended', 'Opened', { distinct_id: 'anna' }, { token: MIXPANEL_TOKEN })(),
        ).rejects.toThrow(/Mixpanel Server Error/),
      );
      expect(reached).toEqual([]);
    });

    it('none at the vendor when two keys are in one batch', async () => {
      const other = world().asIs.secretKey;
      const events = [
        { event: 'A', properties: { distinct_id: 'anna' } },
        { event: 'B', properties: { distinct_id: 'anna', token: other } },
      ];
      const reached = await reaching(vendor(), () =>
        expect(
          done((callback) => client().track_batch(events, (errors) => callback(errors?.[0]))),
        ).rejects.toThrow(),
      );
      expect(reached).toEqual([]);
    });

    it('one when the vendor is busy, and the app is told', async () => {
      const step = vendor().script.add({ do: 'answer', status: 503, body: '{"status":0}' }, { times: 3 });
      await expect(track('recommended', 'Opened', { distinct_id: 'anna' })()).rejects.toThrow(
        /Mixpanel Server Error/,
      );
      expect(step.arrivals).toHaveLength(1);
      vendor().script.clear();
    });
  });
}
