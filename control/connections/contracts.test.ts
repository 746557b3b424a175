import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestHouse, testHouse } from '../fleet/testing.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await testHouse();
});
afterAll(() => house.close());
beforeEach(() => house.reset());

const ask: TestHouse['ask'] = (...call) => house.ask(...call);
const fieldsOf = (answer: { body: { errors?: { field: string }[] } }) =>
  answer.body.errors?.map((one) => one.field);

describe('a contract', () => {
  const rules = {
    classes: { 'person.email': { do: 'drop' } },
    otherwise: { do: 'drop' },
    unmapped: { do: 'drop' },
    names: { do: 'pseudonymise', allowed: [] },
    properties: {},
  };

  test('changes by versions, each with its author and reason, and old ones stay as they were', async () => {
    const made = await house.connect({ contract: 'as_is' });
    const before = (await ask('GET', `/connections/${made.id}/contract`)).body;
    const answer = await ask('PUT', `/connections/${made.id}/contract`, {
      rules,
      basedOn: 1,
      reason: 'Less',
    });
    expect(answer.body).toMatchObject({ version: 2, rules, author: 'Ada Example', reason: 'Less' });
    const after = (await ask('GET', `/connections/${made.id}/contract`)).body;
    expect(after.current).toEqual(answer.body);
    expect(after.versions).toEqual([answer.body, before.current]);
    expect((await ask('GET', `/connections/${made.id}`)).body.contract).toMatchObject({
      version: 2,
      reason: 'Less',
    });
  });

  test('based on another version than the one in force is a conflict; of twenty at once one wins', async () => {
    const made = await house.connect();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        ask('PUT', `/connections/${made.id}/contract`, { rules, basedOn: 1, reason: 'A test' }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter((one) => one.status !== 200)) {
      expect([status, body.code, body.current]).toEqual([409, 'contract_changed', 2]);
    }
  });

  test('is not changed against an ETag that no longer holds', async () => {
    const made = await house.connect();
    const etag = (await ask('GET', `/connections/${made.id}/contract`)).headers.get('etag') ?? '';
    const put = (ifMatch: string) =>
      ask(
        'PUT',
        `/connections/${made.id}/contract`,
        { rules, basedOn: 1, reason: 'A test' },
        { 'if-match': ifMatch },
      );
    expect((await put('"7"')).body.code).toBe('changed_meanwhile');
    expect((await put(etag)).headers.get('etag')).toBe('"2"');
  });

  test('of another form is refused by field', async () => {
    const made = await house.connect();
    const put = (changed: object) =>
      ask('PUT', `/connections/${made.id}/contract`, {
        rules: { ...rules, ...changed },
        basedOn: 1,
        reason: 'A test',
      });
    expect(fieldsOf(await put({ otherwise: { do: 'encrypt' } }))).toEqual(['rules.otherwise.do']);
    expect(fieldsOf(await put({ classes: { 'person.shoe': { do: 'drop' } } }))).toEqual([
      'rules.classes.person.shoe',
    ]);
    expect(fieldsOf(await put({ unmapped: { do: 'pass', valuse: [] } }))).toEqual(['rules.unmapped.valuse']);
    const many = Object.fromEntries(
      Array.from({ length: 2001 }, (_, index) => [
        `p${index}`,
        { class: 'event.property', treatment: { do: 'pass' } },
      ]),
    );
    expect(fieldsOf(await put({ properties: many }))).toEqual(['rules.properties']);
    expect((await ask('GET', `/connections/${made.id}/contract`)).body.versions).toHaveLength(1);
  });

  test('lets names cross one by one, and again is no new version', async () => {
    const made = await house.connect();
    const allow = (given: object) =>
      ask('POST', `/connections/${made.id}/contract/allow`, { ...given, reason: 'Harmless' });
    const event = await allow({ kind: 'event_name', name: 'Signed up' });
    expect(event.body).toMatchObject({ version: 2, rules: { names: { allowed: ['Signed up'] } } });
    expect((await allow({ kind: 'event_name', name: 'Signed up' })).body).toEqual(event.body);
    const property = await allow({ kind: 'property', name: 'plan' });
    expect(property.body.rules.properties).toEqual({
      plan: { class: 'event.property', treatment: { do: 'pass' } },
    });
    const treated = await allow({
      kind: 'property',
      name: 'plan',
      class: 'person.id',
      treatment: 'pseudonymise',
    });
    expect(treated.body.rules.properties.plan).toEqual({
      class: 'person.id',
      treatment: { do: 'pseudonymise' },
    });
    const odd = await allow({ kind: 'property', name: '__proto__', treatment: { do: 'drop' } });
    expect(Object.keys(odd.body.rules.properties)).toEqual(expect.arrayContaining(['plan', '__proto__']));
    expect(odd.body.version).toBe(5);
    expect(
      (await house.platform.pool.query(`SELECT 1 FROM change WHERE act = 'contract.allow'`)).rows,
    ).toHaveLength(4);
  });

  test('of several connections, one that is full keeps names from all of them', async () => {
    const names = { do: 'pseudonymise', allowed: Array.from({ length: 2000 }, (_, index) => `e${index}`) };
    const one = await house.connect();
    house.platform.advance(1);
    const full = await house.connect({ name: 'Full', contract: { ...rules, names } });
    const allowed = (connections: { id: string }[]) =>
      house.contracts.allowAll(
        connections.map(({ id }) => ({ connection: id, names: [{ kind: 'event_name', name: 'Signed up' }] })),
        { actor: house.people.actor, reason: 'A test' },
      );
    const version = async (id: string) =>
      (await ask('GET', `/connections/${id}/contract`)).body.current.version;
    await expect(allowed([one, full])).rejects.toThrow('the contract of "Full" allows as many names');
    expect([await version(one.id), await version(full.id)]).toEqual([1, 1]);
    await allowed([one]);
    expect(await version(one.id)).toBe(2);
  });

  test('of several connections, no two that are changed at once wait for each other', async () => {
    const made = [await house.connect(), await house.connect({ name: 'Other' })].map(({ id }) => id);
    const by = { actor: house.people.actor, reason: 'A test' };
    const names = (name: string) => [{ kind: 'event_name' as const, name }];
    const all = Array.from({ length: 12 }, (_, n) => [
      house.contracts.allowAll(
        (n % 2 === 0 ? made : made.toReversed()).map((connection) => ({
          connection,
          names: names(`All ${n}`),
        })),
        by,
      ),
      ...made.map((connection) => house.contracts.allowAll([{ connection, names: names(`One ${n}`) }], by)),
    ]).flat();
    expect((await Promise.allSettled(all)).filter(({ status }) => status === 'rejected')).toEqual([]);
    for (const id of made) {
      const { current } = (await ask('GET', `/connections/${id}/contract`)).body;
      expect(current.rules.names.allowed).toHaveLength(24);
    }
  });

  test('loses no name when twenty are allowed at once', async () => {
    const made = await house.connect();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        ask('POST', `/connections/${made.id}/contract/allow`, {
          kind: 'event_name',
          name: `Event ${index}`,
          reason: 'A test',
        }),
      ),
    );
    const { current } = (await ask('GET', `/connections/${made.id}/contract`)).body;
    expect(current.version).toBe(21);
    expect(current.rules.names.allowed).toHaveLength(20);
  });
});
