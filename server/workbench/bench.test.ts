import { fileURLToPath } from 'node:url';
import { loadPacks } from '@drawbridge/control/packs';
import { ruleOf, type Service } from '@drawbridge/protocol';
import { exampleOf, seeded } from '@drawbridge/scan/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDetectors, shippedDetectors } from '../scan/pack.ts';
import { shippedPacks } from '../shipped-packs.ts';
import { type RunningBench, startBench } from './bench.ts';

/** All values are made up. */

let service: Service;
let detectors: ReturnType<typeof ruleOf>[];
let bench: RunningBench;
beforeAll(async () => {
  const packs = await loadPacks(shippedPacks);
  const found = packs.find(({ vendor }) => vendor === 'openai')?.services[0];
  if (found === undefined) throw new Error(`no pack of OpenAI in ${fileURLToPath(import.meta.url)}`);
  service = found;
  detectors = (await loadDetectors(shippedDetectors)).map(ruleOf);
  bench = startBench();
});
afterAll(() => bench.stop());

/** Nothing that the organisation itself knows. */
const nothing = {
  own: { name: 'none', custom: [], phrases: [], phraseKey: null, lengths: [] },
  told: new Map<string, never>(),
};
const mail = 'anna.berger@mueller-bau.de';

describe('samples are tried in a thread', () => {
  it('with the detectors of the deployment', async () => {
    const rule = detectors.find(({ id }) => id.startsWith('github.'));
    if (rule === undefined) throw new Error('no detector of GitHub is shipped');
    const key = exampleOf(rule.forms[0] ?? '', seeded(1), rule.checksum);
    const { contracts } = service;
    const sample = { text: `Mail ${mail}, and this: ${key}` };
    const tried = await bench.tryRequest({
      service,
      rules: contracts.recommended,
      detectors,
      ...nothing,
      sample,
    });
    if (!('run' in tried)) throw new Error(tried.message);
    expect(tried.run.findings.map(({ detector }) => detector)).toEqual(['personal.email', rule.id]);
    expect(tried.run.refusal).toMatchObject({ code: 'field_refused', path: 'messages[0].content' });
    expect(tried.run.crosses).toBeNull();
  });

  it('one that takes too long is given up, and the next is tried all the same', async () => {
    const { contracts } = service;
    const impatient = startBench(1);
    const slow = { service, rules: contracts.recommended, detectors, ...nothing, sample: { text: 'x' } };
    expect(await impatient.tryRequest(slow)).toMatchObject({ problem: 'too_slow' });
    await impatient.stop();
    expect(await bench.tryRequest(slow)).toHaveProperty('run');
  });

  it('more than can wait is turned away', async () => {
    const { contracts } = service;
    const given = { service, rules: contracts.as_is, detectors, ...nothing, sample: { text: 'x' } };
    const all = await Promise.all(Array.from({ length: 20 }, () => bench.tryRequest(given)));
    expect(all.filter((one) => 'problem' in one)).toHaveLength(3);
  });

  it('the same sample in which nothing has a place is said to have none', async () => {
    const sample = { text: 'x', endpoint: 'files' };
    const given = { service, rules: service.contracts.as_is, detectors, ...nothing, sample };
    expect(await bench.tryRequest(given)).toMatchObject({ problem: 'no_text_place' });
  });
});

describe('made-up values', () => {
  const made = async (text: string) => {
    const answer = await bench.makeUp({ service, detectors, ...nothing, text });
    if (!('made' in answer)) throw new Error(answer.message);
    return answer.made;
  };

  it('of the same kind stand in the place of what was found, and the same for the same', async () => {
    const text = `From ${mail}: ask ben@mueller-bau.de or ${mail}, IBAN DE02 1203 0000 0000 2020 51, from 81.2.69.142`;
    const { text: out, ...rest } = await made(text);
    expect(rest).toEqual({ replaced: 5, lost: 0, left: [] });
    expect(out).toMatch(/person1@example\.com.*person2@example\.com or person1@example\.com/);
    for (const gone of ['mueller', '2020 51', '81.2.69']) expect(out).not.toContain(gone);
  });

  it('come to themselves, so that a sample is prepared once', async () => {
    const once = await made(`Mail ${mail} and ben@mueller-bau.de, card 4000 0566 5566 5556`);
    expect((await made(once.text)).text).toBe(once.text);
  });

  it('are put in nowhere, where not all that is found is told', async () => {
    const text = Array.from({ length: 3_000 }, (_, at) => `m${at}@mueller-bau.de`).join(' ');
    const answer = await bench.makeUp({ service, detectors, ...nothing, text });
    expect(answer).toMatchObject({ problem: 'too_slow', message: expect.stringContaining('not all') });
  });

  it('leave a body of JSON one, wherever they stand', async () => {
    const body = JSON.stringify({
      messages: [{ role: 'user', content: `"${mail}"` }],
      user: mail,
      metadata: { inner: JSON.stringify({ to: mail, card: 4000056655665556 }) },
    });
    const { text, left } = await made(body);
    expect(left).toEqual([]);
    expect(text).not.toContain('mueller');
    expect(JSON.parse(JSON.parse(text).metadata.inner)).toEqual({
      to: 'person1@example.com',
      card: 4111111111111111,
    });
  });
});
