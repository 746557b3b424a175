import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { problemsOf } from './expects.ts';
import { type Bench, createContractTests, createWorkbench, workbenchRoutes } from './index.ts';
import type { WorkbenchRunView } from './schemas.ts';

/** All values are made up; the bench is a stand-in that finds one mail address, the gateway's is tried in `server/workbench`. */

const mail = 'anna.berger@example.com';
const madeUpMail = 'person1@example.com';

function runOf(text: string, treatment: 'pass' | 'tokenise' | 'refuse'): WorkbenchRunView {
  const start = text.search(/[a-z.0-9]+@/);
  const end = start === -1 ? -1 : text.indexOf('.com', start) + 4;
  const value = text.slice(start, end);
  return {
    method: 'POST',
    target: '/v1/chat',
    read: text,
    found: start === -1 ? 0 : 1,
    findings:
      start === -1
        ? []
        : [
            {
              class: 'person.email',
              confidence: 'certain',
              detector: 'made_up',
              why: 'made up',
              treatment,
              stands: treatment === 'tokenise' ? '[[EMAIL_AAAAAAAA]]' : null,
              path: 'messages[0].content',
              span: { start, end },
            },
          ],
    fields: [],
    crosses:
      treatment === 'refuse'
        ? null
        : treatment === 'pass' || start === -1
          ? text
          : text.replace(value, '[[EMAIL_AAAAAAAA]]'),
    refusal: treatment === 'refuse' ? { code: 'field_refused', message: 'Made up.', path: null } : null,
    back: null,
  };
}

let house: TestHouse;
let problem: 'too_slow' | 'busy' | 'no_text_place' | 'failed' | null = null;
let slow: Promise<void> | null = null;
let most = 0;
let trying = 0;
const bench: Bench = {
  async tryRequest({ rules, sample }) {
    trying += 1;
    most = Math.max(most, trying);
    if (slow !== null && 'text' in sample && sample.text.includes('slow')) await slow;
    trying -= 1;
    if (problem !== null) return { problem, message: 'Made up.' };
    const wanted = rules.text?.found['person.email']?.do;
    const treatment = wanted === 'tokenise' || wanted === 'refuse' ? wanted : 'pass';
    return { run: runOf('text' in sample ? sample.text : sample.body, treatment), asked: [] };
  },
  async makeUp({ text }) {
    const made = text.replaceAll(mail, madeUpMail);
    return { made: { text: made, replaced: text.includes('@') ? 1 : 0, lost: 0, left: [] }, asked: [] };
  },
};

beforeAll(async () => {
  house = await testHouse();
  const { catalogue, connections, contracts, platform } = house;
  const workbench = createWorkbench({
    catalogue,
    connections,
    contracts,
    detectors: [],
    trying: house.detectors.trying,
    bench,
  });
  const tests = createContractTests(platform, workbench, 1_000);
  contracts.testedBy(async (id, rules) => (await tests.run(id, rules)).items);
  house.app.route('/api/v1', workbenchRoutes(workbench, tests));
});
afterAll(() => house.close());
beforeEach(async () => {
  problem = null;
  await house.platform.pool.query('TRUNCATE contract_test, connection, change, idempotency CASCADE');
});

const rules = (treatment: 'pass' | 'tokenise' | 'refuse') => ({
  classes: { 'content.prompt': { do: 'pass' } },
  otherwise: { do: 'drop' },
  unmapped: { do: 'pass' },
  names: { do: 'pass', allowed: [] },
  properties: {},
  text: {
    scan: 'all',
    found: { 'person.email': { do: treatment } },
    otherwise: { do: 'drop' },
    over_budget: 'refuse',
  },
});
const connected = async (): Promise<string> =>
  (await house.connect({ name: 'Models', service: 'models', contract: rules('tokenise') })).id;
const kept = (id: string, name = 'Mail', text = `to ${madeUpMail}`) =>
  house.ask('POST', `/connections/${id}/contract-tests`, {
    name,
    sample: { text },
    expects: {
      refused: null,
      treatments: [{ class: 'person.email', treatment: 'tokenise' }],
      never: [madeUpMail],
    },
    reason: 'A test',
  });

describe('a sample on the workbench', () => {
  it('is tried under the contract in force, or a draft, and nothing of it is kept', async () => {
    const id = await connected();
    const ask = (given: object, headers = {}) =>
      house.ask('POST', `/connections/${id}/workbench`, given, headers);
    const inForce = await ask({ sample: { text: `to ${mail}` } });
    expect(inForce).toMatchObject({ status: 200, body: { crosses: 'to [[EMAIL_AAAAAAAA]]' } });
    expect(inForce.headers.get('cache-control')).toBe('no-store');
    const draft = await ask({ sample: { text: `to ${mail}` }, rules: rules('pass') });
    expect(draft.body.crosses).toBe(`to ${mail}`);
    const keyed = await ask({ sample: { text: mail } }, { 'idempotency-key': 'a-key-of-a-test' });
    expect(keyed).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    const { rows } = await house.platform.pool.query(
      'SELECT change::text AS row FROM change UNION ALL SELECT idempotency::text FROM idempotency',
    );
    expect(JSON.stringify(rows)).not.toContain('anna.berger');
  });

  it.each([
    ['no sample', {}, 400],
    ['two kinds at once', { sample: { text: 'a', body: 'b' } }, 400],
    ['too many bytes', { sample: { text: 'é'.repeat(600_000) } }, 413],
    ['too many characters', { sample: { text: 'x'.repeat(1024 * 1024 + 1) } }, 400],
    ['a target with a line break', { sample: { method: 'POST', target: '/a\r\nb', body: '' } }, 400],
    [
      'a header that is none',
      { sample: { method: 'POST', target: '/', headers: { 'a b': 'c' }, body: '' } },
      400,
    ],
    ['rules that are none', { sample: { text: 'a' }, rules: { scan: 'all' } }, 400],
  ])('that is wrong is refused with a reason: %s', async (_name, given, status) => {
    const answer = await house.ask('POST', `/connections/${await connected()}/workbench`, given);
    expect(answer.status).toBe(status);
    expect(answer.body.errors?.length).toBeGreaterThan(0);
  });

  it.each([
    ['too_slow', 422],
    ['busy', 503],
    ['no_text_place', 422],
    ['failed', 500],
  ] as const)('that can’t be tried is answered: %s', async (code, status) => {
    problem = code;
    const answer = await house.ask('POST', `/connections/${await connected()}/workbench`, {
      sample: { text: 'a' },
    });
    expect(answer).toMatchObject({ status, body: { code: `workbench_${code}` } });
  });

  it('needs a connection', async () => {
    const answer = await house.ask('POST', '/connections/none/workbench', { sample: { text: 'a' } });
    expect(answer.status).toBe(404);
  });
});

describe('contract tests', () => {
  it('are prepared with made-up values and what becomes of them', async () => {
    const answer = await house.ask('POST', `/connections/${await connected()}/contract-tests/prepare`, {
      sample: { text: `to ${mail}` },
    });
    expect(answer.body).toMatchObject({
      sample: { text: `to ${madeUpMail}` },
      replaced: 1,
      expects: {
        refused: null,
        treatments: [{ class: 'person.email', treatment: 'tokenise' }],
        never: [madeUpMail],
      },
    });
  });

  it('hold nothing that was not made up, unless that is meant', async () => {
    const id = await connected();
    const refused = await kept(id, 'Mail', `to ${mail}`);
    expect(refused).toMatchObject({ status: 422, body: { code: 'sample_holds_data' } });
    expect((await house.ask('GET', `/connections/${id}/contract-tests`)).body.items).toEqual([]);
    const meant = {
      name: 'Mail',
      sample: { text: `to ${mail}` },
      despite: true,
      reason: 'Nobody is called so',
    };
    const expects = { refused: null, treatments: [], never: [] };
    const answer = await house.ask('POST', `/connections/${id}/contract-tests`, { ...meant, expects });
    expect(answer.status).toBe(201);
  });

  it.each([
    ['the query', { target: `/v1/chat?user=${mail}` }, []],
    ['a header', { headers: { 'x-user': mail } }, []],
    ['what never crosses', {}, [mail]],
  ])('hold nothing that was not made up in %s', async (_name, given, never) => {
    const id = await connected();
    const sample = { method: 'POST', target: '/v1/chat', body: `to ${madeUpMail}`, ...given };
    const expects = { refused: null, treatments: [], never };
    const save = (more: object) =>
      house.ask('POST', `/connections/${id}/contract-tests`, {
        name: 'Mail',
        sample,
        expects,
        reason: 'A test',
        ...more,
      });
    expect(await save({})).toMatchObject({ status: 422, body: { code: 'sample_holds_data' } });
    expect((await save({ despite: true })).status).toBe(201);
    const prepared = await house.ask('POST', `/connections/${id}/contract-tests/prepare`, { sample });
    expect(JSON.stringify(prepared.body.sample)).not.toContain(mail);
  });

  it('with half of a character are refused by what is wrong', async () => {
    const answer = await kept(await connected(), 'Half', 'half \ud83d');
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('are kept, replaced by name, run, taken to another connection, and removed, each on record', async () => {
    const id = await connected();
    expect((await kept(id)).status).toBe(201);
    const again = await kept(id);
    const list = await house.ask('GET', `/connections/${id}/contract-tests`);
    expect(list.body.items).toEqual([again.body]);
    const run = (given: object) => house.ask('POST', `/connections/${id}/contract-tests/run`, given);
    expect((await run({})).body).toMatchObject({ failed: 0, items: [{ name: 'Mail', passed: true }] });
    expect((await run({ rules: rules('pass') })).body).toMatchObject({
      failed: 1,
      items: [
        {
          problems: [
            'person.email: pass, and should be tokenise.',
            'Text 1 of those that never cross crosses.',
          ],
        },
      ],
    });

    const other = await house.connect({ name: 'Others', service: 'models', contract: rules('refuse') });
    const path = `/connections/${other.id}/contract-tests`;
    const taken = await house.ask('POST', `${path}/import`, { ...list.body, reason: 'The same there' });
    expect(taken.body.items).toHaveLength(1);
    const there = await house.ask('POST', `${path}/run`, {});
    expect(there.body.items[0].problems[0]).toBe('It is refused (field_refused), and should cross.');
    const gone = await house.ask('DELETE', `${path}/${taken.body.items[0].id}`, undefined, {
      'x-drawbridge-reason': 'Not needed',
    });
    expect(gone.status).toBe(204);
    const { rows } = await house.platform.pool.query(
      "SELECT act FROM change WHERE act LIKE 'contract_test.%' ORDER BY at, act",
    );
    expect(rows.map(({ act }) => act).sort()).toEqual([
      'contract_test.remove',
      'contract_test.save',
      'contract_test.save',
      'contract_test.save',
    ]);
  });

  it('that fail under other rules keep these from being put in force, unless they are named', async () => {
    const id = await connected();
    const test = (await kept(id)).body;
    const put = (given: object) =>
      house.ask('PUT', `/connections/${id}/contract`, { basedOn: 1, reason: 'A test', ...given });
    const refused = await put({ rules: rules('pass') });
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'contract_tests_fail', failing: [{ id: test.id, name: 'Mail' }] },
    });
    expect((await put({ rules: rules('pass'), despite: ['another'] })).status).toBe(409);
    const meant = await put({ rules: rules('pass'), despite: [test.id] });
    expect(meant).toMatchObject({ status: 200, body: { version: 2 } });
    const { rows } = await house.platform.pool.query(
      "SELECT detail FROM change WHERE act = 'contract.change' AND detail::text LIKE '%failing%'",
    );
    expect(rows).toMatchObject([{ detail: { failing: ['Mail'] } }]);
  });

  it('that can’t be tried do not pass', async () => {
    const id = await connected();
    await kept(id);
    problem = 'too_slow';
    const run = await house.ask('POST', `/connections/${id}/contract-tests/run`, {});
    expect(run.body).toMatchObject({ failed: 1, items: [{ passed: false, problems: ['Made up.'] }] });
  });

  it('do not fail because others are tried just now: that is told as it is', async () => {
    const id = await connected();
    await kept(id);
    problem = 'busy';
    const path = `/connections/${id}/contract`;
    const put = await house.ask('PUT', path, { basedOn: 1, rules: rules('tokenise'), reason: 'A test' });
    expect(put).toMatchObject({ status: 503, body: { code: 'workbench_busy' } });
  });

  it('say in which way a sample is not as it should be', () => {
    const expects = { refused: 'field_refused', treatments: [], never: [] };
    expect(problemsOf(expects, runOf('a', 'pass'))).toEqual([
      'It crosses, and should be refused (field_refused).',
    ]);
    expect(problemsOf(expects, runOf(mail, 'refuse'))).toEqual([]);
    expect(problemsOf({ ...expects, refused: 'scan_failed' }, runOf(mail, 'refuse'))).toHaveLength(1);
    const quoted = { refused: null, treatments: [], never: ['a "b"'] };
    expect(problemsOf(quoted, { ...runOf('x', 'pass'), crosses: '{"t":"a \\"b\\""}' })).toHaveLength(1);
  });
});

it('runs a few at once and ends in time: what was not run did not pass, and has to be named', async () => {
  const id = await connected();
  for (let nth = 0; nth < 6; nth++) expect((await kept(id, `Mail ${nth}`)).status).toBe(201);
  for (let nth = 0; nth < 4; nth++) await kept(id, `Slow ${nth}`, `slow to ${madeUpMail}`);
  let release = (): void => undefined;
  slow = new Promise((resolve) => {
    release = resolve;
  });
  most = 0;
  try {
    const run = await house.ask('POST', `/connections/${id}/contract-tests/run`, {});
    expect(run.body).toMatchObject({ failed: 4 });
    expect(run.body.items).toHaveLength(10);
    for (const { name, passed, problems } of run.body.items) {
      expect(passed).toBe(name.startsWith('Mail'));
      if (!passed) expect(problems).toEqual([expect.stringContaining('was not run to its end')]);
    }
    expect(most).toBe(4);
    const change = { rules: rules('tokenise'), basedOn: 1, reason: 'A test' };
    const refused = await house.ask('PUT', `/connections/${id}/contract`, change);
    expect(refused).toMatchObject({ status: 409, body: { code: 'contract_tests_fail' } });
  } finally {
    release();
    slow = null;
  }
});
