import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allActions } from '../platform/index.ts';
import { missingOf } from './factors.ts';
import { isActive, mayEnrol, normalEmail } from './person.ts';
import { browserName } from './place.ts';
import { readCode } from './recovery.ts';
import { permissionsOf, roleNames } from './roles.ts';
import { networkOf, paces, waitAfter } from './throttle.ts';

describe('how fast may be guessed', () => {
  test('10,000 guesses at an account take over 100 days, from an address close to a week', () => {
    const days = (pace: (typeof paces)['account' | 'address']) => {
      let waited = 0;
      for (let guess = 1; guess < 10_000; guess += 1) waited += waitAfter(guess, pace);
      return waited / 86_400_000;
    };
    expect(days(paces.account)).toBeGreaterThan(100);
    expect(days(paces.address)).toBeGreaterThan(6.8);
  });

  test('a wait never gets shorter with more attempts, nor longer than the longest: nobody is out for good', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(paces)),
        fc.integer({ min: 1, max: 2 ** 31 }),
        (pace, attempts) => {
          const [now, next] = [waitAfter(attempts, pace), waitAfter(attempts + 1, pace)];
          expect(now).toBeLessThanOrEqual(next);
          expect(next).toBeLessThanOrEqual(pace.longestWait);
          expect(now === 0).toBe(attempts < pace.free);
        },
      ),
    );
  });

  test('all addresses of a network of IPv6 are one, and those of another are others', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((part) => part.toString(16));
    const half = fc.array(group, { minLength: 4, maxLength: 4 }).map((parts) => parts.join(':'));
    fc.assert(
      fc.property(half, half, half, half, (one, other, a, b) => {
        expect(networkOf(`${one}:${a}`)).toBe(networkOf(`${one}:${b}`));
        expect(networkOf(`${one}:${a}`) === networkOf(`${other}:${a}`)).toBe(one === other);
      }),
    );
    expect(networkOf('2001:db8::1')).toBe(networkOf('2001:0DB8:0:0:ffff::2'));
    expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7');
  });
});

describe('roles', () => {
  test('an owner may do everything, an administrator all but say who vouches for people; an auditor reads', () => {
    expect([...permissionsOf(['owner']).actions]).toEqual([...allActions]);
    expect([...permissionsOf(['administrator']).actions]).toEqual(
      allActions.filter((action) => action !== 'issuer.change'),
    );
    // Asking whether a message is real is everybody's.
    const reads = allActions.filter((action) => action.endsWith('.read') || action === 'message.report');
    expect([...permissionsOf(['auditor']).actions]).toEqual(reads);
  });

  test('several permit what any of them does, and who may do it everywhere needs no own', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...roleNames)), (held) => {
        const { actions, ownActions } = permissionsOf(held);
        for (const role of held)
          for (const action of permissionsOf([role]).actions) expect(actions.has(action)).toBe(true);
        for (const action of ownActions) expect(actions.has(action)).toBe(false);
      }),
    );
    expect(permissionsOf([]).actions.size).toBe(0);
  });
});

describe('people', () => {
  test('are let in only while they are active and their access has not ended', () => {
    const state = fc.constantFrom('invited', 'active', 'offboarded');
    const when = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(state, fc.option(when), when, (is, accessEnds, now) => {
        const lasts = accessEnds === null || accessEnds > now;
        expect(isActive({ state: is, accessEnds }, now)).toBe(is === 'active' && lasts);
        expect(mayEnrol({ state: is, accessEnds }, now)).toBe(is !== 'offboarded' && lasts);
      }),
    );
  });

  test('are enrolled with a passkey, or with a password and an app, and nothing less', () => {
    const factors = fc.record({
      passkeys: fc.nat(3),
      hasPassword: fc.boolean(),
      totpSince: fc.option(fc.nat()),
      recoveryCodes: fc.nat(10),
    });
    fc.assert(
      fc.property(factors, (has) => {
        const missing = missingOf({ name: 'Made Up', email: 'made@example.com' }, has);
        const enough = has.passkeys > 0 || (has.hasPassword && has.totpSince !== null);
        expect(missing.includes('factor')).toBe(!enough);
        expect(missing.includes('recovery_codes')).toBe(has.recoveryCodes === 0);
      }),
    );
  });

  test('are one, however their address is written', () => {
    expect(normalEmail('  Someone@EXAMPLE.com ')).toBe('someone@example.com');
    expect(normalEmail('ｓomeone@example.com')).toBe('someone@example.com');
  });
});

test('a recovery code is read however it was typed', () => {
  expect(readCode(' 0LiO-ab12 ')).toBe('0110ab12');
});

test.each([
  ['Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36', 'Chrome on Linux'],
  ['Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0', 'Edge on Windows'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1', 'Safari on iOS'],
  ['curl/8.0', 'another program'],
])('%s is called %s', (agent, name) => {
  expect(browserName(agent)).toBe(name);
});
