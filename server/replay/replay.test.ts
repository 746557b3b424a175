import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { makePopulation, markedValues, readScenario, runReplay } from './index.ts';

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
  await rm(folder, { recursive: true });
});

describe('the replay', () => {
  // The slice: few people, the browser SDK under Node. The whole: as `npm run replay` plays it.
  const people = soak ? 3000 : 40;

  it(
    `plays ${people} people through a real gateway, twice, and meets every threshold`,
    async () => {
      const said: string[] = [];
      const { result, text, passed, files } = await runReplay({
        people,
        out,
        json: true,
        log: (line) => said.push(line),
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

      const [json, page] = await Promise.all([readFile(files.json, 'utf8'), readFile(files.html, 'utf8')]);
      expect(json).toBe(text);
      expect(JSON.parse(text)).toEqual(result);
      const scenario = await readScenario(
        fileURLToPath(new URL('../../packs/scenarios/mixpanel-2025.yaml', import.meta.url)),
      );
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
