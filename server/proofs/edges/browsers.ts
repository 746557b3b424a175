import { describe, expect, it } from 'vitest';
import { bearer, send } from '../testing/http.ts';
import { type House, otherPage, page, track } from './house.ts';

/** What pages in a browser may do with a publishable key, and what nobody else may. */
export function browserUse(house: () => House): void {
  const event = (id: string) => ({ event: '$mp_web_page_view', properties: { distinct_id: id } });
  const codeOf = (body: string): string => (JSON.parse(body) as { code?: string }).code ?? '';

  describe('browsers', () => {
    it('are told before they send: by an exact origin, with credentials', async () => {
      const preflight = (origin: string) =>
        send(`${house().drawbridge.gatewayUrl}/events/track/?verbose=1&ip=1&_=1790000000000`, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'content-type',
          },
        });
      const listed = await preflight(page);
      expect(listed.status).toBe(204);
      expect(listed.headers).toMatchObject({
        'access-control-allow-origin': page,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': expect.stringContaining('POST'),
        'access-control-allow-headers': expect.stringContaining('content-type'),
        vary: 'Origin',
      });
      for (const origin of [
        'https://thief.example',
        'null',
        `${page}.thief.example`,
        'http://app.example.com',
      ]) {
        const other = await preflight(origin);
        expect(other.status).toBe(403);
        expect(other.headers['access-control-allow-origin']).toBeUndefined();
      }
    });

    it('of a listed page send events, as the SDK does: readable there, and without what tells who they are', async () => {
      const { mixpanel, browserKey } = house();
      const before = mixpanel.requests.length;
      const answer = await track(house(), 'events', browserKey, [event('someone-of-a-page')], {
        origin: page,
        referer: `${page}/people?name=made-up`,
        cookie: 'made-up-cookie=1',
        'user-agent': 'MadeUpBrowser/1.0 (MadeUpSystem)',
        'x-forwarded-for': '192.0.2.77',
        'x-real-ip': '192.0.2.77',
      });
      expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { error: null, status: 1 }]);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': page,
        'access-control-allow-credentials': 'true',
      });
      const [request] = mixpanel.requests.slice(before);
      expect(request?.query.get('ip')).toBe('0');
      const sent = `${request?.rawHeaders.join('\n')}\n${decodeURIComponent(String(request?.body))}`;
      for (const clear of ['192.0.2.77', 'made-up-cookie', 'MadeUpSystem', 'people?name', browserKey.key]) {
        expect(sent).not.toContain(clear);
      }
    });

    it('of other pages, and programs that say nothing, get nothing with it', async () => {
      const { mixpanel, browserKey } = house();
      const before = mixpanel.requests.length;
      for (const origin of [otherPage, 'https://thief.example', 'null', `${page}:8443`, undefined]) {
        const headers = origin === undefined ? {} : { origin };
        const answer = await track(house(), 'events', browserKey, [event('x')], headers);
        expect([answer.status, codeOf(answer.body)]).toEqual([403, 'origin_not_allowed']);
        const readable = origin === otherPage ? otherPage : undefined;
        expect(answer.headers['access-control-allow-origin']).toBe(readable);
      }
      const elsewhere = await track(house(), 'events-us', browserKey, [event('x')], { origin: page });
      expect([elsewhere.status, codeOf(elsewhere.body)]).toEqual([403, 'key_not_allowed']);
      expect(mixpanel.requests).toHaveLength(before);
    });

    it('never reach what is no ingest: not with a publishable key, which can’t be made for it, nor with a secret one', async () => {
      const { drawbridge, openai, connections, key, browserKey } = house();
      const before = openai.requests.length;
      const chat = { model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }] };
      for (const used of [key, browserKey]) {
        const answer = await send(`${drawbridge.gatewayUrl}/ai/v1/chat/completions`, {
          headers: { ...bearer(used.key), origin: page },
          body: JSON.stringify(chat),
        });
        expect(answer.status).toBe(403);
      }
      const { items } = await drawbridge.call<{ items: { id: string }[] }>('GET', '/apps');
      const publishable = { kind: 'publishable', origins: [page], perMinute: 10, reason: 'a proof' };
      for (const wrong of [
        { connections: [connections.ai] },
        { connections: [connections.events], classes: ['ingest', 'admin'] },
        { connections: [connections.events], origins: [] },
        { connections: [connections.events], origins: ['https://not-listed.example.com'] },
        { connections: [connections.events], perMinute: undefined },
      ]) {
        const answer = await drawbridge.api('POST', `/apps/${items[0]?.id}/keys`, {
          ...publishable,
          ...wrong,
        });
        expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: expect.any(String) }] } });
      }
      expect(openai.requests).toHaveLength(before);
    });

    it('that carry a secret key are refused, and so is a page that was taken off the list, within seconds on a busy machine', async () => {
      const { drawbridge, mixpanel, connections, key, browserKey } = house();
      const stolen = await track(house(), 'events', key, [event('x')], { origin: page });
      expect([stolen.status, codeOf(stolen.body)]).toEqual([403, 'origin_not_allowed']);
      await drawbridge.call('PATCH', `/connections/${connections.events}`, {
        origins: [otherPage],
        reason: 'a proof',
      });
      const began = performance.now();
      for (;;) {
        const answer = await track(house(), 'events', browserKey, [event('x')], { origin: page });
        if (answer.status === 403) break;
        expect(performance.now() - began).toBeLessThan(5_000);
      }
      const before = mixpanel.requests.length;
      expect((await track(house(), 'events', browserKey, [event('x')], { origin: page })).status).toBe(403);
      expect(mixpanel.requests).toHaveLength(before);
      await drawbridge.call('PATCH', `/connections/${connections.events}`, {
        origins: [page, otherPage],
        reason: 'a proof',
      });
    });
  });
}
