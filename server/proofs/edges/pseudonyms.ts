import { describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { bearer, send } from '../testing/http.ts';
import { exposuresOf } from '../testing/ledger.ts';
import { type House, track } from './house.ts';

const ids = ['made-up-person-1', 'made-up-person-2'] as const;

/** The same people at two vendors, and at two connections of one of them: what joins, and what does not. */
export function pseudonyms(house: () => House): void {
  /** Sends each person's data to OpenAI. Returns the pseudonyms that it got, in the order of `ids`. */
  async function toOpenai(): Promise<string[]> {
    const { drawbridge, key, openai } = house();
    const before = openai.calls.length;
    for (const user of ids) {
      const answer = await send(`${drawbridge.gatewayUrl}/ai/v1/chat/completions`, {
        headers: bearer(key.key),
        body: JSON.stringify({ model: 'gpt-5', user, messages: [{ role: 'user', content: 'Hello' }] }),
      });
      expect(answer.status).toBe(200);
    }
    return openai.calls.slice(before).map((call) => String(call.body.user));
  }

  /** Sends each person's events to Mixpanel. Returns all pseudonyms that it got of each, in the order of `ids`. */
  async function toMixpanel(slug: 'events' | 'events-us'): Promise<Set<string>[]> {
    const { mixpanel, key } = house();
    const got: Set<string>[] = [];
    for (const id of ids) {
      const before = mixpanel.store.events.length;
      const answer = await track(house(), slug, key, [
        { event: 'Opened', properties: { distinct_id: id, $user_id: id } },
        {
          event: '$identify',
          properties: { distinct_id: id, $identified_id: id, $anon_id: `$device:${id}` },
        },
        { event: '$create_alias', properties: { distinct_id: id, alias: id } },
      ]);
      expect(answer.status).toBe(200);
      const values = mixpanel.store.events
        .slice(before)
        .flatMap(({ properties }) => [
          properties.distinct_id,
          properties.$user_id,
          properties.$identified_id,
          properties.alias,
          String(properties.$anon_id ?? '').replace(/^\$device:/, ''),
        ])
        .filter((value) => typeof value === 'string' && value !== '');
      got.push(new Set(values.map(String)));
    }
    return got;
  }

  describe('pseudonyms', () => {
    it('are one per person within a vendor, and none is known to another vendor or inside', async () => {
      const { drawbridge, connections, mixpanel, openai } = house();
      const [ai, again] = [await toOpenai(), await toOpenai()];
      const [eu, us] = [await toMixpanel('events'), await toMixpanel('events-us')];
      // Within a vendor: always the same, in whatever field, at whichever connection; two people are two.
      expect(again).toEqual(ai);
      expect(us).toEqual(eu);
      expect(eu.map((values) => values.size)).toEqual([1, 1]);
      const [first, second] = eu.map((values) => [...values][0]);
      expect(new Set([...ai, first, second]).size).toBe(4);
      for (const clear of ids) expect([...ai, first, second].join()).not.toContain(clear);

      // Inside both are one subject, under a key that no vendor's pseudonym is made with.
      const inside = async (vendor: string, connection: string) =>
        (await exposuresOf(drawbridge.call, vendor, connection, 'person.id')).map((one) => one.subject);
      const atOpenai = await eventually(
        () => inside('openai', connections.ai),
        (found) => found.length >= 2,
      );
      const atMixpanel = await eventually(
        () => inside('mixpanel', connections.events),
        (found) => atOpenai.every((subject) => found.includes(subject)),
      );
      expect(atOpenai).toHaveLength(2);
      expect(atMixpanel).toEqual(expect.arrayContaining(atOpenai));
      const sent = JSON.stringify([mixpanel.store.events, openai.calls]);
      for (const subject of atOpenai) expect(sent).not.toContain(subject);
      for (const pseudonym of [...ai, first, second])
        expect([...atOpenai, ...atMixpanel]).not.toContain(pseudonym);
    });
  });
}
