import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHouse, testHouse } from '../../control/fleet/testing.ts';
import { createContractTests, createWorkbench, workbenchRoutes } from '../../control/workbench/index.ts';
import { type RunningBench, startBench } from './bench.ts';

/** What an organisation itself knows, found on the workbench: real database, vault and thread. All values are made up. */

let house: TestHouse;
let bench: RunningBench;
let connection: string;
beforeAll(async () => {
  house = await testHouse();
  bench = startBench();
  const { catalogue, connections, contracts, platform, detectors } = house;
  const { trying } = detectors;
  const workbench = createWorkbench({ catalogue, connections, contracts, detectors: [], trying, bench });
  const tests = createContractTests(platform, workbench);
  house.app.route('/api/v1', workbenchRoutes(workbench, tests));
  connection = (await house.connect({ name: 'Models', service: 'models', contract: rules })).id;
}, 60_000);
afterAll(async () => {
  await bench.stop();
  await house.close();
});

const rules = {
  classes: { 'content.prompt': { do: 'pass' } },
  otherwise: { do: 'drop' },
  unmapped: { do: 'pass' },
  names: { do: 'pass', allowed: [] },
  properties: {},
  text: {
    scan: 'all',
    found: { 'secret.password': { do: 'refuse' }, 'business.term': { do: 'drop' } },
    otherwise: { do: 'tokenise' },
    over_budget: 'refuse',
  },
};
const reason = 'A test';
const secret = ['made-up', 'deploy', 'key-0123456789'].join('_');
const ask = async (method: string, path: string, body: object) => {
  const answer = await house.ask(method, path, body);
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  return answer.body;
};
const run = (text: string) => ask('POST', `/connections/${connection}/workbench`, { sample: { text } });
interface Finding {
  class: string;
  why: string;
  treatment: string;
  span: { start: number; end: number };
}
const found = async (text: string): Promise<[string, string, string][]> =>
  (await run(text)).findings.map(({ class: name, span, why }: Finding) => [
    name,
    text.slice(span.start, span.end),
    why,
  ]);
async function listOf(name: string, given: object, content: string, format = 'csv'): Promise<void> {
  const { id } = await ask('POST', '/known-lists', { name, reason, ...given });
  await ask('POST', `/known-lists/${id}/imports`, { format, content, reason });
}

describe('what the organisation itself knows', () => {
  test('is found once it is there, and named', async () => {
    const text = `Zadora Quermuster has EMP-123456 in Projekt Süd, with ${secret}.`;
    const before = await found(text);
    expect(before.some(([, value]) => value === 'EMP-123456' || value === secret)).toBe(false);

    await ask('POST', '/patterns/employee', {
      name: 'Employee number',
      class: 'custom.match',
      pattern: 'EMP-\\d{6}',
      confidence: 'certain',
      finds: ['of EMP-123456'],
      passes: ['EMP-12'],
      reason,
    });
    await listOf('Staff', { kind: 'people' }, 'given,family\nZadora,Quermuster\n');
    expect(await found(text)).toEqual([
      ['person.name', 'Zadora Quermuster', 'a registered phrase (list Staff)'],
      ['custom.match', 'EMP-123456', 'pattern of the organisation (Employee number)'],
    ]);

    await listOf('Projects', { kind: 'words', class: 'business.term' }, 'Projekt Süd\n', 'lines');
    await ask('POST', '/registered-secrets', {
      label: 'Deploy key',
      owner: 'Ada Example',
      class: 'secret.password',
      value: secret,
      reason,
    });
    expect(await found(text)).toEqual([
      ['person.name', 'Zadora Quermuster', 'a registered phrase (list Staff)'],
      ['custom.match', 'EMP-123456', 'pattern of the organisation (Employee number)'],
      ['business.term', 'Projekt Süd', 'a registered phrase (list Projects)'],
      ['secret.password', secret, 'a registered value (registered secret "Deploy key")'],
    ]);
    const refused = await run(text);
    expect(refused.refusal?.code).toBe('field_refused');
    expect(refused.refusal?.path).toBe(refused.findings[3].path);
    const other = `as long: ${secret.replace('0', '1')}`;
    expect((await run(other)).refusal).toBeNull();
  });

  test('is looked for by contract tests, which fail once it is known no more', async () => {
    const path = `/connections/${connection}/contract-tests`;
    const asked = { sample: { text: 'Zadora Quermuster has EMP-123456' } };
    const { sample, replaced, lost, expects } = await ask('POST', `${path}/prepare`, asked);
    // Of those in a list no made-up one is found: nobody else is in it.
    expect({ replaced, lost }).toEqual({ replaced: 2, lost: 1 });
    expect(sample.text).toMatch(/^Example has EMP-(?!123456)\d{6}$/);
    expect(expects.treatments).toContainEqual({ class: 'custom.match', treatment: 'tokenise' });
    await ask('POST', path, { name: 'Numbers', sample, expects, reason });
    expect(await ask('POST', `${path}/run`, {})).toMatchObject({ failed: 0 });

    await ask('POST', '/patterns/employee/disable', { reason });
    const { items } = await ask('POST', `${path}/run`, {});
    expect(items[0].problems).toContain('custom.match is not found, and should be (tokenise).');
    await ask('POST', '/patterns/employee/enable', { reason });
    expect(await ask('POST', `${path}/run`, {})).toMatchObject({ failed: 0 });
  });
});

test('a thread that was ended is handed it anew', async () => {
  const { own: whole } = await house.detectors.trying();
  const own = { ...whole, name: 'made up' };
  const service = house.catalogue.service('acme', 'models');
  if (service === undefined) throw new Error('the made-up vendor has no models');
  const given = { service, detectors: [], own, told: new Map(), text: 'of Zadora Quermuster' };
  const broken = { ...own, phrases: own.phrases.map((list) => ({ ...list, phrases: 'AAAA' })) };
  expect(await bench.makeUp({ ...given, own: broken })).toHaveProperty('problem');
  expect(await bench.makeUp(given)).toMatchObject({ made: { replaced: 1 } });
});
