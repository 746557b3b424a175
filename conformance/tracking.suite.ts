import { header, type TrackingStandin } from '@drawbridge/standins';
import { describe, expect, it } from 'vitest';
import {
  type AnalyticsWorld,
  CREDENTIAL,
  everythingSent,
  type Line,
  person,
  personalParts,
  type SideName,
  sendCutOff,
} from './analytics-world.ts';
import type { Seen, Sheet, Weather } from './table.ts';
import { PSEUDONYM, reaching } from './world.ts';

/** One message of the tracking API, as apps give it to an SDK. */
export type Call = 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias';

/** What became of messages given to an SDK. */
export interface Delivery {
  /** What the app is told, per message; null: delivered. */
  told: (string | null)[];
  /** Requests that the SDK made. */
  attempts: number;
}

/** An SDK of the tracking API, unmodified. */
export interface TrackingSdk {
  vendor: 'segment' | 'rudderstack';
  /** Sends messages in as few requests as the SDK makes of them, trying again so often, and waits for the end. */
  send(
    options: { url: string; key: string; retries: number },
    messages: readonly (readonly [Call, object])[],
  ): Promise<Delivery>;
  /** How the SDK tells an app of a status. */
  telling(status: number): RegExp;
}

const calls: readonly Call[] = ['track', 'identify', 'page', 'screen', 'group', 'alias'];
const context = {
  ip: person.ip,
  userAgent: person.userAgent,
  locale: 'de-AT',
  groupId: person.org,
  traits: { email: person.email, country: 'DE' },
  page: { url: person.url, referrer: person.referrer, title: 'Anna Berger' },
  device: { id: person.device, model: 'Phone of Anna' },
};
const ids = { userId: person.id, anonymousId: person.device };
const traits = {
  email: person.email,
  name: person.name,
  phone: person.phone,
  country: 'DE',
  address: { city: person.city, country: 'DE' },
  company: { name: person.orgName, id: person.org },
  org_id: person.org,
  invited_by: 'ben@example.org',
};

/** A message of each type with everything about someone in it. SDKs write into what they are given. */
function messageOf(call: Call): object {
  return structuredClone(contentOf(call));
}

function contentOf(call: Call): object {
  switch (call) {
    case 'track':
      return { ...ids, event: 'Invited ben@example.org', properties: { ...traits, revenue: 9.5 }, context };
    case 'identify':
      return { ...ids, traits, context };
    case 'page':
      return { ...ids, name: 'Members of Anna', properties: { url: person.url, ...traits }, context };
    case 'screen':
      return { ...ids, name: 'Members of Anna', properties: traits, context };
    case 'group':
      return { ...ids, groupId: person.org, traits: { name: person.orgName, email: person.email }, context };
    case 'alias':
      return { userId: person.id, previousId: person.device, context };
  }
}

/** What holds for every SDK of the tracking API. */
export function trackingSuite(world: () => AnalyticsWorld, sdk: TrackingSdk, sheet: Sheet): void {
  const line = (side: SideName): Line<TrackingStandin> => world()[side][sdk.vendor];
  const send = (
    side: SideName,
    messages: readonly (readonly [Call, object])[],
    more: { retries?: number; key?: string } = {},
  ) =>
    sdk.send(
      { url: line(side).url, key: more.key ?? world()[side].secretKey, retries: more.retries ?? 1 },
      messages,
    );
  const cellOf = (weather: Weather) => sheet.cell({ call: 'track', contract: 'recommended', weather });
  const seenIn = ({ told: [told], attempts }: Delivery): Seen => ({
    gave: told === null ? 'delivered' : 'error',
    attempts,
  });
  const one = [['track', { userId: person.id, event: 'Opened' }]] as const;

  describe.each(calls)('%s', (call) => {
    const fine = (contract: SideName) => sheet.cell({ call, contract, weather: 'fine' });
    const noteAsIs = fine('asIs');
    const noteRecommended = fine('recommended');
    it('as is: arrives as the app gave it, under the real key', async () => {
      const before = line('asIs').standin.messages.length;
      const requests = await reaching(line('asIs').standin, async () => {
        const sent = await send('asIs', [[call, messageOf(call)]]);
        expect(sent).toEqual({ told: [null], attempts: 1 });
        noteAsIs(seenIn(sent));
      });
      const [arrived, ...others] = line('asIs').standin.messages.slice(before);
      expect(others).toEqual([]);
      expect(arrived?.type).toBe(call);
      expect(arrived?.message).toMatchObject(messageOf(call));
      expect(everythingSent(requests)).toContain(`${CREDENTIAL}:`);
      expect(everythingSent(requests)).not.toContain(world().asIs.secretKey);
    });

    it('recommended: arrives with nobody in it, under the real key', async () => {
      const before = line('recommended').standin.messages.length;
      const requests = await reaching(line('recommended').standin, async () => {
        const sent = await send('recommended', [[call, messageOf(call)]]);
        expect(sent).toEqual({ told: [null], attempts: 1 });
        noteRecommended(seenIn(sent));
      });
      const [arrived] = line('recommended').standin.messages.slice(before);
      expect(arrived?.type).toBe(call);
      expect(arrived?.message.userId).toMatch(PSEUDONYM);
      expect(arrived?.message.context).toMatchObject({
        traits: { country: 'DE' },
        groupId: expect.stringMatching(PSEUDONYM),
        page: { url: expect.stringMatching(/^https:\/\/app\.example\.com\/[\w-]{22}\/:id$/) },
        userAgent: 'Chrome',
      });
      expect(arrived?.beside.sentAt).toEqual(expect.any(String));
      const text = everythingSent(requests);
      for (const part of personalParts) expect(text.toLowerCase()).not.toContain(part);
      expect(text).toContain(`${CREDENTIAL}:`);
      expect(text).not.toContain(world().recommended.secretKey);
      expect(requests.map((request) => header(request, 'x-forwarded-for'))).toEqual([null]);
    });
  });

  it('recommended: one person and one organisation stay one, over identify, alias and group', async () => {
    const before = line('recommended').standin.messages.length;
    await send(
      'recommended',
      calls.map((call) => [call, messageOf(call)]),
    );
    const arrived = line('recommended').standin.messages.slice(before);
    expect(arrived.map(({ type }) => type).toSorted()).toEqual([...calls].toSorted());
    const idsSent = arrived.map(({ message }) => message.userId);
    expect(new Set(idsSent).size).toBe(1);
    const of = (call: Call) => arrived.find(({ type }) => type === call)?.message;
    expect(of('alias')?.previousId).toBe(of('track')?.anonymousId);
    expect(of('track')?.properties).toMatchObject({ org_id: of('group')?.groupId });
    expect(of('track')?.event).toMatch(PSEUDONYM);
  });

  const noteSlow = cellOf('slow');
  it('a slow vendor is waited for', async () => {
    line('recommended').standin.script.add({ do: 'delay', ms: 400 });
    const sent = await send('recommended', one);
    expect(sent).toEqual({ told: [null], attempts: 1 });
    noteSlow(seenIn(sent));
  });

  const noteRefused = cellOf('refused');
  it.each([400, 401, 413])('%i from the vendor is told to the app after one attempt', async (status) => {
    const step = line('recommended').standin.script.add({ do: 'answer', status }, { times: 3 });
    const sent = await send('recommended', one);
    expect([sent.attempts, step.arrivals.length]).toEqual([1, 1]);
    noteRefused(seenIn(sent));
    expect(sent.told).toEqual([expect.stringMatching(sdk.telling(status))]);
    line('recommended').standin.script.clear();
  });

  const noteBusy = cellOf('busy');
  const noteFailing = cellOf('failing');
  it.each([500, 503])('%i from the vendor is tried again, as often as the SDK is told to', async (status) => {
    const { standin } = line('recommended');
    const once = standin.script.add({ do: 'answer', status }, { times: 1 });
    const passed = await send('recommended', one);
    expect(passed).toEqual({ told: [null], attempts: 2 });
    noteBusy(seenIn(passed));
    expect(once.arrivals).toHaveLength(1);
    const always = standin.script.add({ do: 'answer', status }, { times: 9 });
    const sent = await send('recommended', one);
    expect([sent.attempts, always.arrivals.length]).toEqual([2, 2]);
    noteFailing(seenIn(sent));
    expect(sent.told).toEqual([expect.stringMatching(sdk.telling(status))]);
    standin.script.clear();
  });

  const noteDropped = cellOf('dropped');
  it('a dropped connection is tried again, and each message is there once', async () => {
    const { standin } = line('recommended');
    const before = standin.messages.length;
    standin.script.add({ do: 'drop' }, { times: 1 });
    const sent = await send('recommended', one);
    expect(sent).toEqual({ told: [null], attempts: 2 });
    noteDropped(seenIn(sent));
    expect(standin.messages).toHaveLength(before + 1);
  });

  const noteStranger = cellOf('stranger');
  it('an unknown key is told to the app after one attempt, and nothing reaches the vendor', async () => {
    const known = world().recommended.secretKey;
    const stranger = known.slice(0, -1) + (known.endsWith('a') ? 'b' : 'a');
    for (const key of [stranger, CREDENTIAL]) {
      const reached = await reaching(line('recommended').standin, async () => {
        const sent = await send('recommended', one, { key });
        expect(sent.attempts).toBe(1);
        expect(sent.told).toEqual([expect.stringMatching(sdk.telling(401))]);
        noteStranger(seenIn(sent));
      });
      expect(reached).toEqual([]);
    }
  });

  it('while the vendor is cut off the SDK keeps its messages, and delivers them once it is open', async () => {
    const { used, reached } = await sendCutOff(world(), line('recommended'), () =>
      send('recommended', one, { retries: 6 }),
    );
    expect(used.told).toEqual([null]);
    expect(used.attempts).toBeGreaterThan(1);
    expect(reached).toEqual({ cutOff: 0, inAll: 1 });
  });
}
