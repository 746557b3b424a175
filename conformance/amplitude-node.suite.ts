import * as amplitude from '@amplitude/analytics-node';
import { describe, expect, it } from 'vitest';
import {
  type AnalyticsWorld,
  CREDENTIAL,
  everythingSent,
  person,
  personalParts,
  type SideName,
  sendCutOff,
} from './analytics-world.ts';
import type { Sheet, Weather } from './table.ts';
import { PSEUDONYM, reaching } from './world.ts';

type Client = ReturnType<typeof amplitude.createInstance>;
type Result = { code: number; message: string };

/** Amplitude's SDK for Node, unmodified, through the gateway. Everyone in it is made up. */
export function amplitudeNodeSuite(world: () => AnalyticsWorld, sheet: Sheet): void {
  const line = (side: SideName = 'recommended') => world()[side].amplitude;

  /** Sends one event with a client of its own, and gives what the SDK tells the app. */
  const use = async (
    side: SideName,
    call: (client: Client) => { promise: Promise<Result> },
    more: { key?: string; retries?: number; path?: string } = {},
  ): Promise<Result> => {
    const client = amplitude.createInstance();
    await client.init(more.key ?? world()[side].secretKey, {
      serverUrl: `${line(side).url}${more.path ?? '/2/httpapi'}`,
      flushIntervalMillis: 20,
      flushMaxRetries: more.retries ?? 2,
      logLevel: 0,
    }).promise;
    const { code, message } = await call(client).promise;
    return { code, message };
  };
  const cellOf = (weather: Weather) => sheet.cell({ call: 'track', contract: 'recommended', weather });
  const seenIn = ({ code }: Result, attempts: number) => ({
    gave: code === 200 ? 'delivered' : `error ${code}`,
    attempts,
  });
  const delivered = { code: 200, message: expect.stringMatching(/success/i) };

  const about = {
    user_id: person.id,
    device_id: person.device,
    ip: person.ip,
    city: person.city,
    country: 'DE',
    os_name: 'X11',
    device_model: 'Phone of Anna',
  };
  const profile = () =>
    new amplitude.Identify()
      .set('email', person.email)
      .set('name', person.name)
      .set('country', 'DE')
      .setOnce('initial_referrer', person.referrer)
      .append('org_id', person.org)
      .add('logins of anna', 1)
      .unset('hobby of anna');
  const calls: Record<string, (client: Client) => { promise: Promise<Result> }> = {
    track: (client) =>
      client.track(
        'Invited ben@example.org',
        {
          email: person.email,
          invited_by: 'ben@example.org',
          org_id: person.org,
          url: person.url,
          price: 9.5,
        },
        { ...about, groups: { organization: person.org } },
      ),
    identify: (client) => client.identify(profile(), about),
    setGroup: (client) => client.setGroup('organization', [person.org, 'org-of-berger'], about),
    groupIdentify: (client) =>
      client.groupIdentify(
        'organization',
        person.org,
        new amplitude.Identify().set('name', person.orgName),
        about,
      ),
    revenue: (client) =>
      client.revenue(new amplitude.Revenue().setProductId('plan-team').setPrice(9.5).setQuantity(2), about),
  };

  describe.each(Object.entries(calls))('%s', (name, call) => {
    const noteAsIs = sheet.cell({ call: name, contract: 'asIs', weather: 'fine' });
    const noteRecommended = sheet.cell({ call: name, contract: 'recommended', weather: 'fine' });
    it('as is: arrives under the real key, and is told so', async () => {
      const before = line('asIs').standin.events.length;
      const requests = await reaching(line('asIs').standin, async () => {
        expect(await use('asIs', call)).toEqual(delivered);
      });
      expect(requests).toHaveLength(1);
      noteAsIs({ gave: 'delivered', attempts: requests.length });
      expect(line('asIs').standin.events).toHaveLength(before + 1);
      const text = everythingSent(requests);
      expect(text).toContain(name === 'groupIdentify' ? person.org : person.id);
      expect(text).toContain(CREDENTIAL);
      expect(text).not.toContain(world().asIs.secretKey);
    });

    it('recommended: arrives with nobody in it, under the real key, and is told so', async () => {
      const requests = await reaching(line().standin, async () => {
        expect(await use('recommended', call)).toEqual(delivered);
      });
      expect(requests).toHaveLength(1);
      noteRecommended({ gave: 'delivered', attempts: requests.length });
      const text = everythingSent(requests);
      for (const part of personalParts) expect(text.toLowerCase()).not.toContain(part);
      expect(text).toContain(CREDENTIAL);
      expect(text).not.toContain(world().recommended.secretKey);
    });
  });

  it('recommended: what may cross does, and one person and organisation stay one', async () => {
    const before = line().standin.events.length;
    for (const call of Object.values(calls)) await use('recommended', call);
    const events = line().standin.events.slice(before);
    const [track, identify, group, groupIdentify, revenue] = events.map(({ event }) => event);
    expect(track).toMatchObject({
      event_type: expect.stringMatching(PSEUDONYM),
      user_id: expect.stringMatching(PSEUDONYM),
      device_id: expect.stringMatching(PSEUDONYM),
      country: 'DE',
      time: expect.any(Number),
      insert_id: expect.any(String),
      event_properties: { org_id: expect.stringMatching(PSEUDONYM), price: 9.5 },
    });
    expect(identify).toMatchObject({
      event_type: '$identify',
      user_id: track?.user_id,
      user_properties: { $set: { country: 'DE' }, $append: { org_id: expect.stringMatching(PSEUDONYM) } },
    });
    const organization = expect.stringMatching(PSEUDONYM);
    expect(group).toMatchObject({ groups: { organization: [organization, organization] } });
    expect(groupIdentify).toMatchObject({ groups: track?.groups });
    expect(revenue).toMatchObject({
      event_type: 'revenue_amount',
      event_properties: { $price: 9.5, $quantity: 2 },
    });
  });

  it('the batch endpoint takes the same', async () => {
    const [request] = await reaching(line().standin, async () => {
      expect(
        await use('recommended', (client) => client.track('Opened', {}, about), { path: '/batch' }),
      ).toEqual(delivered);
    });
    expect(request?.path).toBe('/batch');
  });

  describe('attempts', () => {
    const track = (client: Client) => client.track('Opened', {}, about);
    const bad = { do: 'answer' as const, status: 400 };

    const noteSlow = cellOf('slow');
    it('one when the vendor is slow', async () => {
      line().standin.script.add({ do: 'delay', ms: 400 });
      const reached = await reaching(line().standin, async () =>
        expect(await use('recommended', track)).toEqual(delivered),
      );
      expect(reached).toHaveLength(1);
      noteSlow({ gave: 'delivered', attempts: reached.length });
    });

    const noteRefused = cellOf('refused');
    it('one on 400, with the vendor’s words for the app', async () => {
      const body = '{"code":400,"error":"Request missing required field","missing_field":"events"}';
      const step = line().standin.script.add({ ...bad, body }, { times: 3 });
      const failed = await use('recommended', track);
      expect(failed).toEqual({ code: 400, message: 'Request missing required field' });
      expect(step.arrivals).toHaveLength(1);
      noteRefused(seenIn(failed, step.arrivals.length));
      line().standin.script.clear();
    });

    const noteFailing = cellOf('failing');
    it.each([500, 503])('as often as the SDK is told to on %i', async (status) => {
      const body = `{"code":${status},"error":"busy"}`;
      const once = line().standin.script.add({ do: 'answer', status, body }, { times: 1 });
      expect(await use('recommended', track)).toEqual(delivered);
      expect(once.arrivals).toHaveLength(1);
      const always = line().standin.script.add({ do: 'answer', status, body }, { times: 9 });
      const failed = await use('recommended', track);
      expect(failed).toEqual({ code: 500, message: expect.stringContaining('exceeded retry count') });
      expect(always.arrivals).toHaveLength(2);
      noteFailing(seenIn(failed, always.arrivals.length));
      line().standin.script.clear();
    });

    const noteDropped = cellOf('dropped');
    it('two when a connection is dropped, and the event is there once', async () => {
      const before = line().standin.events.length;
      line().standin.script.add({ do: 'drop' }, { times: 1 });
      const reached = await reaching(line().standin, async () =>
        expect(await use('recommended', track)).toEqual(delivered),
      );
      expect(reached).toHaveLength(2);
      expect(line().standin.events).toHaveLength(before + 1);
      noteDropped({ gave: 'delivered', attempts: reached.length });
    });

    it('one, none at the vendor, and the reason for the app when the key is unknown', async () => {
      const reached = await reaching(line().standin, async () => {
        const failed = await use('recommended', track, { key: CREDENTIAL });
        expect(failed).toEqual({ code: 400, message: expect.stringContaining('virtual key') });
      });
      expect(reached).toEqual([]);
    });

    it('more while the vendor is cut off, and the event is there once it is open', async () => {
      const { used, reached } = await sendCutOff(world(), line(), () =>
        use('recommended', track, { retries: 20 }),
      );
      expect(used).toEqual(delivered);
      expect(reached).toEqual({ cutOff: 0, inAll: 1 });
    });
  });
}
