import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { apiAnswers, databaseRows, dataFiles, gatewayPages, type Place } from '../proofs/leaks/places.ts';
import { searchAll, told } from '../proofs/search/everywhere.ts';
import type { Needle } from '../proofs/search/search.ts';
import { crossingsOf } from '../proofs/testing/ledger.ts';
import { readRunningNote } from '../running.ts';
import { makePopulation, markedValues, readScenario, runReplay } from './index.ts';
import type { Throwaway } from './throwaway.ts';

const soak = process.env.DRAWBRIDGE_SOAK === '1';
const folder = await mkdtemp(join(tmpdir(), 'drawbridge-replay-test-'));
const out = join(folder, 'replays');
// Throw-away deployments lie here, so that what they leave can be seen. The database's user must get through.
const temporary = join(folder, 'tmp');
await mkdir(temporary, { mode: 0o711 });
await chmod(folder, 0o711);
const { TMPDIR } = process.env;
process.env.TMPDIR = temporary;
afterAll(async () => {
  process.env.TMPDIR = TMPDIR ?? '/tmp';
  await rm(folder, { recursive: true, maxRetries: 5 });
});

const scenarioFile = fileURLToPath(new URL('../../packs/scenarios/mixpanel-2025.yaml', import.meta.url));
/** Crossings per connection whose page is looked at: each has the same form. */
const PAGES_LOOKED_AT = 25;
/** People who are searched for: enough that every place where the scenario hides something has some of them. */
const PEOPLE_SOUGHT = 100;

/** All that the deployment holds, answers and wrote, while it still runs. */
async function placesOf(throwaway: Throwaway): Promise<{ places: Place[]; crossing: string }> {
  const { dataDir, keysDir, deployment } = throwaway;
  const call = <T>(method: string, path: string) => throwaway.call(method, path) as Promise<T>;
  const idsOf = async (path: string) =>
    (await call<{ items: { id: string }[] }>('GET', path)).items.map((item) => item.id);
  const [connections, apps] = await Promise.all([idsOf('/connections'), idsOf('/apps')]);
  const crossings = (await Promise.all(connections.map((id) => crossingsOf(call, id)))).map((list) =>
    list.slice(0, PAGES_LOOKED_AT),
  );
  const ids = crossings.flat().map((crossing) => crossing.id);
  const answers = await apiAnswers(await readRunningNote(dataDir, keysDir), {
    connections,
    apps,
    crossings: ids,
    keys: await idsOf('/keys'),
    changes: (await idsOf('/changes?limit=200')).slice(0, PAGES_LOOKED_AT),
    approvals: ['made-up'],
    gateways: ['gateway-1'],
    oidc: ['made-up'],
    people: ['nobody'],
    canaries: ['nobody'],
    version: ['1', '2'],
    hash: ['a'.repeat(64)],
    vendor: ['openai', 'mixpanel'],
    party: ['openai', 'mixpanel'],
    incident: ['0199c0de-0000-7000-8000-000000000001'],
    mailbox: ['0199c0de-0000-7000-8000-000000000001'],
    webhook: ['0199c0de-0000-7000-8000-000000000001'],
    token: ['made-up'],
    n: ['1'],
    recoveryDrill: ['0199c0de-0000-7000-8000-000000000001'],
    severance: ['0199c0de-0000-7000-8000-000000000001'],
    line: ['connection:none'],
    notice: ['0199c0de-0000-7000-8000-000000000001'],
    message: ['0199c0de-0000-7000-8000-000000000001'],
    campaign: ['0199c0de-0000-7000-8000-000000000001'],
    service: ['api', 'analytics'],
    source: ['gvl', 'caiq:openai'],
    name: ['only-approved-vendors'],
    rotations: ['made-up'],
    leaks: ['made-up'],
    pattern: ['made-up'],
    runs: ['made-up'],
    file: ['made-up.ics'],
    run: ['0199c0de-0000-7000-8000-000000000001'],
    statement: ['0199c0de-0000-7000-8000-000000000001'],
  });
  const rows = await databaseRows(dataDir);
  const pages = await gatewayPages(deployment.gatewayUrl);
  return { places: [...answers, ...rows, ...pages, ...(await dataFiles(dataDir))], crossing: ids[0] ?? '' };
}

async function needles(people: number): Promise<Needle[]> {
  const scenario = await readScenario(scenarioFile);
  const population = makePopulation(scenario, people);
  const sought = { ...population, people: population.people.slice(0, PEOPLE_SOUGHT) };
  return Object.entries(markedValues(scenario, sought)).flatMap(([kind, values]) =>
    [...new Set<string>(values)].map((value, index) => ({ name: `${kind} ${index}`, value })),
  );
}

describe('the replay', () => {
  // The slice: few people, the browser SDK under Node. The whole: as `npm run replay` plays it.
  const people = soak ? 3000 : 40;

  it(
    `plays ${people} people through a real gateway, twice, and meets every threshold`,
    async () => {
      const said: string[] = [];
      let logged = '';
      let leaks: string[] = ['nothing was searched'];
      let planted: string[] = [];
      const { result, text, passed, files } = await runReplay({
        people,
        out,
        json: true,
        log: (line) => said.push(line),
        keepLog: (text) => {
          logged += text;
        },
        inspect: async (throwaway) => {
          const { places, crossing } = await placesOf(throwaway);
          places.push({ where: 'log', bytes: logged });
          leaks = told(await searchAll(await needles(people), places));
          const proof = [
            { name: 'slug', value: 'mixpanel-as-is' },
            { name: 'crossing', value: crossing },
          ];
          planted = (await searchAll(proof, places)).map(({ needle, where }) => `${needle} in ${where}`);
        },
        ...(soak ? {} : { browserSdk: 'node' as const }),
      });
      expect(result.problems).toEqual([]);
      expect(passed).toBe(true);
      expect(Object.keys(result).slice(0, 5)).toEqual([
        'asIs',
        'minimised',
        'funnel',
        'crossings',
        'journalRecords',
      ]);
      for (const pass of [result.asIs, result.minimised]) {
        const keys = ['rows', 'peopleReachable', 'unicity', 'quotableFactsPerPerson', 'joinable'];
        expect(Object.keys(pass).slice(0, 5)).toEqual(keys);
      }
      expect(result.asIs).toMatchObject({ people, peopleReachable: people, unicity: 1 });
      expect(result.asIs.joinable).toBeGreaterThan(people / 10);
      expect(result.minimised).toMatchObject({ people, peopleReachable: 0, joinable: 0 });
      expect(result.minimised.rows).toBe(result.asIs.rows);
      expect(result.minimised.quotableFactsPerPerson).toBeLessThan(result.asIs.quotableFactsPerPerson / 2);
      expect(result.funnel.minimised).toEqual(result.funnel.asIs);
      expect(result.funnel.asIs[0]).toBe(people);
      expect(said.some((line) => line.includes('Playing minimised'))).toBe(true);

      // The scenario's people are nowhere in what Drawbridge keeps, writes and answers, under any contract; and what
      // may be there is found in each of these places.
      expect(leaks).toEqual([]);
      expect(planted).toEqual(
        expect.arrayContaining([
          'slug in table connection',
          'slug in gateway /metrics',
          'crossing in table journal_entry',
          'crossing in log',
          expect.stringMatching(/^slug in GET \/api\/v1\/connections\?/),
          expect.stringMatching(/^slug in data postgres\/data\/base\//),
          expect.stringMatching(/^crossing in data gateway-1\/journal\//),
          expect.stringMatching(/^crossing in GET \/api\/v1\/crossings\//),
        ]),
      );

      const [json, page] = await Promise.all([readFile(files.json, 'utf8'), readFile(files.html, 'utf8')]);
      expect(json).toBe(text);
      expect(JSON.parse(text)).toEqual(result);
      const scenario = await readScenario(scenarioFile);
      const marked = Object.values(markedValues(scenario, makePopulation(scenario, people))).flat();
      expect(marked.filter((value) => json.includes(value) || page.includes(value))).toEqual([]);
      expect(await readdir(temporary)).toEqual([]);
    },
    soak ? 900_000 : 180_000,
  );

  it.runIf(soak)(
    'stops when it is told to, and leaves nothing lying about',
    async () => {
      const stop = new AbortController();
      const playing = runReplay({
        people: 40,
        out: join(out, 'never'),
        json: true,
        browserSdk: 'node',
        log: (line) => {
          if (line.startsWith('Playing as is')) stop.abort(new Error('told to stop'));
        },
        signal: stop.signal,
      });
      await expect(playing).rejects.toThrow('told to stop');
      await expect(readFile(join(out, 'never', 'latest.json'))).rejects.toThrow(/ENOENT/);
      expect(await readdir(temporary)).toEqual([]);
    },
    180_000,
  );
});
