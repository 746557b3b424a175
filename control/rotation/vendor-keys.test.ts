import { fileURLToPath } from 'node:url';
import { startMixpanelAccountsStandin, startOpenaiStandin } from '@drawbridge/standins';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHere as run } from '../vault/testing.ts';
import { loadPacks } from '../vendors/index.ts';
import { createVendorKeys, type Place, probeKey, VendorCallError } from './vendor-keys.ts';

/** The shipped packs against vendors that keep keys as they document it. What errands do is done in this process. */
const packs = await loadPacks(fileURLToPath(new URL('../../packs/vendors', import.meta.url)));
function shipped(vendor: string) {
  const pack = packs.find((one) => one.vendor === vendor);
  if (pack === undefined) throw new Error(`no pack of ${vendor} is shipped`);
  return pack;
}
const CONTEXT = Buffer.from('a made-up context');
const text = (value: string) => ({ wrapped: Buffer.from(value), context: CONTEXT });
const placeOf = ({ host, port }: { host: string; port: number }): Place => ({
  scheme: 'http',
  host,
  port,
  private: true,
});

describe('OpenAI’s project service accounts', () => {
  const ADMIN = 'sk-admin-made-up-0123456789';
  const USER = 'sk-proj-made-up-0123456789';
  let now = Date.UTC(2026, 10, 22);
  let openai: Awaited<ReturnType<typeof startOpenaiStandin>>;
  beforeAll(async () => {
    openai = await startOpenaiStandin({
      now: () => now,
      projectKeys: {
        adminKeys: [ADMIN],
        project: 'proj_1',
        userKeys: [{ id: 'key_user', value: USER }],
        perMinute: 200,
      },
    });
  });
  afterAll(() => openai.stop());

  async function keysOf(credential = ADMIN) {
    const pack = shipped('openai');
    const rotation = pack.rotation?.[0];
    if (rotation?.admin === undefined) throw new Error('the pack of OpenAI has no admin API');
    const { admin } = rotation;
    const place = placeOf(openai);
    const keys = createVendorKeys({
      run,
      admin,
      place,
      parameters: { project: 'proj_1' },
      credential: text(credential),
    });
    const auth = pack.services[0]?.auth ?? [];
    return { keys, probe: (key: string) => probeKey(run, rotation, place, auth, text(key)) };
  }

  test('make a key once, are found by name on any page, and are deleted with it', async () => {
    const { keys, probe } = await keysOf();
    for (let n = 0; n < 105; n++) await keys.make(`other-${n}`, CONTEXT);
    const made = await keys.make('mine', CONTEXT);
    const again = await keys.make('mine', CONTEXT);
    const secret = made.wrapped.toString();
    expect(await probe(secret)).toBe(200);
    const found = await keys.find('mine');
    expect(found.map(({ account }) => account)).toEqual([made.refs.account, again.refs.account]);
    for (const refs of found) await keys.remove(refs);
    expect(await probe(secret)).toBe(401);
    // Gone is gone, however often it is asked for.
    await keys.remove(made.refs);
    expect(await keys.find('mine')).toEqual([]);
  });

  test('say when a key was last used, after a while, and delete one that a person made', async () => {
    const { keys, probe } = await keysOf();
    const refs = { key: 'key_user' };
    expect(await keys.lastUsed(refs)).toBeNull();
    await probe(USER);
    expect(await keys.lastUsed(refs)).toBeNull();
    const at = now;
    now += 301_000;
    expect((await keys.lastUsed(refs))?.getTime()).toBe(Math.floor(at / 1000) * 1000);
    expect(await keys.disable(refs)).toBe(false);
    expect(keys.canRemove(refs)).toBe(true);
    expect(keys.canRemove({})).toBe(false);
    await keys.remove(refs);
    expect(await probe(USER)).toBe(401);
  });

  test('tell a refused credential from a vendor that asks to wait, and one that is down', async () => {
    const { keys } = await keysOf('sk-not-an-admin-0123456789');
    await expect(keys.find('mine')).rejects.toMatchObject({ code: 'refused' });
    openai.script.add({ do: 'answer', status: 429, headers: { 'retry-after': '7' } });
    await expect(keys.find('mine')).rejects.toMatchObject({ code: 'limited', retryAfterMs: 7000 });
    openai.script.add({ do: 'answer', status: 503 });
    await expect(keys.find('mine')).rejects.toMatchObject({ code: 'unreachable' });
    openai.script.add({ do: 'drop' });
    await expect(keys.find('mine')).rejects.toBeInstanceOf(VendorCallError);
  });

  test('are not believed when an answer has a secret where an id belongs, or an id that leads elsewhere', async () => {
    const { keys } = await keysOf();
    const account = (id: string, name = 'mine') => ({
      do: 'answer' as const,
      status: 200,
      body: JSON.stringify({ data: [{ id, name }], has_more: false, last_id: null }),
    });
    openai.script.add(account(ADMIN));
    await expect(keys.find('mine')).rejects.toMatchObject({ code: 'unexpected' });
    openai.script.add(account('../../admin_api_keys'));
    expect(await keys.find('mine')).toEqual([{}]);
  });
});

test('Mixpanel’s service accounts are made in a project, taken out of it and put back, and deleted', async () => {
  const mixpanel = await startMixpanelAccountsStandin({
    organization: 12345,
    admin: 'admin.1.mp-service-account:made-up',
    lagMs: 0,
  });
  try {
    const pack = shipped('mixpanel');
    const rotation = pack.rotation?.[0];
    const service = pack.services.find(({ id }) => id === 'query');
    if (rotation?.admin === undefined || service === undefined)
      throw new Error('the pack of Mixpanel has no admin API');
    const place = placeOf(mixpanel);
    const keys = createVendorKeys({
      run,
      admin: rotation.admin,
      place,
      parameters: { organization: '12345', project: '67890', role: 'consumer' },
      credential: text('admin.1.mp-service-account:made-up'),
    });
    const { wrapped, refs } = await keys.make('drawbridge-query', CONTEXT);
    const probe = () => probeKey(run, rotation, place, service.auth, { wrapped, context: CONTEXT });
    expect(wrapped.toString()).toMatch(/^drawbridge-query\.65\.mp-service-account:madeUp/);
    expect(await probe()).toBe(200);
    expect(await keys.find('drawbridge-query')).toEqual([refs]);
    expect(await keys.lastUsed(refs)).toBeInstanceOf(Date);
    expect(await keys.disable(refs)).toBe(true);
    expect(await probe()).toBe(403);
    expect(await keys.enable(refs)).toBe(true);
    expect(await probe()).toBe(200);
    await keys.remove(refs);
    expect(await probe()).toBe(401);
    expect(rotation.admin.hosts?.eu).toBe('eu.mixpanel.com');
  } finally {
    await mixpanel.stop();
  }
});
