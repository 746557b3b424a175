import { createHmac, hash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DetectorPackSchema, ruleOf, virtualKeyId } from '@drawbridge/protocol';
import { type Finding, ScanWork } from '@drawbridge/scan';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cross, incomingOf, liveOf, serviceOf, virtualKey } from '../minimise/testing/cross.ts';
import { lookAhead } from './ahead.ts';
import { knownValues } from './known.ts';
import { FoundBefore } from './memo.ts';
import { textLimits } from './request.ts';
import { compileTextScanner, type Found, rememberingScanner } from './scanner.ts';
import { Slices } from './slices.ts';
import { canonicalValue, keyedTokenText, tokenKey, tokenKindOf } from './tokens.ts';

/** All values are made up. */

const secret = Buffer.alloc(32, 3);
const nothing = { rules: [], known: null, phrases: null, custom: [] };

describe('what was found before', () => {
  const findingAt = (start: number): Finding => ({
    class: 'person.email',
    confidence: 'certain',
    start,
    end: start + 1,
    detector: 'made_up',
    why: 'made up',
  });
  function counting() {
    const asked: string[] = [];
    const scanner = rememberingScanner(
      {
        scan: (text) => {
          asked.push(text);
          return [findingAt(text.length - 1)];
        },
        scanValue: (name, text) => {
          asked.push(`${name}=${text}`);
          return [];
        },
        stream: () => {
          throw new TypeError('no long texts here');
        },
      },
      { scan: () => [] },
      secret,
    );
    return { asked, scanner };
  }

  it('is not looked for again in a long text, unless it stands under another name', () => {
    const { asked, scanner } = counting();
    const text = 'x'.repeat(1000);
    const first = scanner.find(text, '');
    expect(scanner.find(text, '')).toEqual(first);
    expect(asked).toEqual([text]);
    expect(scanner.find(text, 'name')).toEqual([]);
    expect(scanner.find(`${text}y`, '')).not.toEqual(first);
    expect(asked).toHaveLength(3);
  });

  it('is forgotten in time', () => {
    const { asked, scanner } = counting();
    for (let at = 0; at < 20_000; at++) scanner.find(`${at} `.padEnd(300, 'x'), '');
    expect(asked).toHaveLength(20_000);
    scanner.find('0 '.padEnd(300, 'x'), '');
    scanner.find('19999 '.padEnd(300, 'x'), '');
    expect(asked).toHaveLength(20_001);
  });
});

describe('what is remembered', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');

  it('takes some megabytes at the most', () => {
    const finding = (at: number): Found => ({
      class: 'person.email',
      start: at,
      end: at + 5,
      isUnsure: false,
      confidence: 'likely',
      detector: 'made_up',
      why: 'made up',
      known: null,
    });
    // Each finding an object of its own, as scans make them.
    const before = new FoundBefore(secret);
    collect();
    const used = process.memoryUsage().heapUsed;
    for (let at = 0; at < 40_000; at++) {
      const key = before.keyOf(`${'secret '.repeat(50)}${at}`, 'note');
      before.set(
        key ?? '',
        Array.from({ length: 12 }, (_, one) => finding(one * 9)),
      );
    }
    collect();
    expect(process.memoryUsage().heapUsed - used).toBeLessThan(24 * 1024 * 1024);
    // Of the latest texts all are there.
    expect(before.get(before.keyOf(`${'secret '.repeat(50)}39999`, 'note') ?? '')).toHaveLength(12);
    expect(before.get(before.keyOf(`${'secret '.repeat(50)}0`, 'note') ?? '')).toBeUndefined();
  });
});

describe('definitions of tools', () => {
  const scanner = compileTextScanner(nothing, 'all', secret);

  it('name nobody by the type of a name', () => {
    for (const type of ['string', 'String', 'object', 'array', 'null', 'required', 'str'])
      for (const name of ['first_name', 'last_name', 'full_name', 'customer', 'email'])
        expect([name, type, scanner.find(type, name)]).toEqual([name, type, []]);
    expect(scanner.find('Anna Berger', 'full_name')).toMatchObject([{ class: 'person.name' }]);
  });
});

describe('a text in pieces', () => {
  const forms = [{ id: 'made_up.key', class: 'secret.api_key' as const, forms: ['mu-key-{base62:32}'] }];
  const whole = compileTextScanner({ ...nothing, rules: forms }, 'all', secret);
  const pieces = compileTextScanner({ ...nothing, rules: forms }, 'all', secret);
  const taken = (text: string, name: string): readonly Found[] => {
    const steps = pieces.steps(text, name, new ScanWork(Number.POSITIVE_INFINITY), 1_000_000);
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
    }
  };

  it('comes to what it comes to in one go, under any name', () => {
    const words = [
      'anna@example.com ',
      'password=Zx8Vb7Gh2k ',
      `mu-key-${'a1B2c3D4'.repeat(4)} `,
      'x',
      '\n',
      'Mr. Ben Ott, ',
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...words), { maxLength: 40 }),
        fc.integer({ min: 0, max: 9000 }),
        fc.constantFrom('', 'first_name', 'api_key'),
        (some, length, name) => {
          const text = `${some.join('')}${'ab cd '.repeat(length / 3)}${some.join('')}`;
          expect(taken(text, name)).toEqual(whole.find(text, name));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives nothing of a text that it left before its end', () => {
    const scanner = compileTextScanner(nothing, 'all', secret);
    const limits = { ...textLimits.refuse, findings: 10 };
    const steps = lookAhead({ scanner, limits, vendorSecret: secret, answers: null }, [
      { text: 'made@up.example', name: '' },
      { text: 'anna@up.example, '.repeat(2000), name: '' },
    ]);
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    const ahead = step.value;
    expect(ahead.get('made@up.example', '')).toHaveLength(1);
    expect(() => ahead.get('anna@up.example, '.repeat(2000), '')).toThrow(
      expect.objectContaining({ code: 'scan_over_budget' }),
    );
  });

  it('takes turns with others', async () => {
    const slices = new Slices(() => 0);
    const order: string[] = [];
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (turns < 50) setImmediate(count);
    };
    setImmediate(count);
    function* task(name: string): Generator<undefined, string> {
      for (let step = 0; step < 3; step++) {
        order.push(`${name}${step} ${turns}`);
        yield;
      }
      return name;
    }
    // A clock that stands still ends no slice: one task is done before the next begins.
    expect(await Promise.all([slices.run(task('a')), slices.run(task('b'))])).toEqual(['a', 'b']);
    expect(order.map((one) => one.split(' ')[0])).toEqual(['a0', 'a1', 'a2', 'b0', 'b1', 'b2']);
    order.length = 0;
    let now = 0;
    const quick = new Slices(() => (now += 10));
    await Promise.all([quick.run(task('a')), quick.run(task('b'))]);
    expect(order.map((one) => one.split(' ')[0])).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
    expect(new Set(order.map((one) => one.split(' ')[1])).size).toBe(6);
    const failing = (function* (): Generator<undefined, never> {
      yield;
      throw new TypeError('made up');
    })();
    await expect(quick.run(failing)).rejects.toThrow('made up');
  });

  it('ends at the next step when it is told to, and the others go on', async () => {
    let now = 0;
    const slices = new Slices(() => (now += 10));
    let steps = 0;
    function* endless(): Generator<undefined, never> {
      for (;;) {
        steps++;
        yield;
      }
    }
    function* short(): Generator<undefined, string> {
      for (let step = 0; step < 20; step++) yield;
      return 'done';
    }
    const left = slices.run(endless(), () => (steps < 3 ? null : new RangeError('nobody waits')));
    const other = slices.run(short());
    await expect(left).rejects.toThrow('nobody waits');
    expect(await other).toBe('done');
    expect(steps).toBe(3);
  });
});

describe('the shipped detectors', () => {
  const folder = new URL('../../packs/detectors/', import.meta.url);
  const rules = readdirSync(folder).flatMap((file) => {
    const value: unknown = parse(readFileSync(new URL(file, folder), 'utf8'));
    return DetectorPackSchema.parse(value).detectors.map(ruleOf);
  });

  it('are all taken, and tell whose key it is', () => {
    const scanner = compileTextScanner({ rules, known: null, phrases: null, custom: [] }, 'secrets', secret);
    const word = (length: number): string => randomBytes(length).toString('hex').slice(0, length);
    const openai = `sk-proj-${word(74)}${'T3Blb'}${'kFJ'}${word(74)}`;
    const found = scanner.find(`first ${openai}, then ${virtualKey}.`, '');
    expect(found.map(({ detector, known }) => [detector, known])).toEqual([
      ['openai.project_key', null],
      ['drawbridge.virtual_key', `virtual key ${virtualKeyId(virtualKey)}`],
    ]);
  });
});

describe('kept secrets', () => {
  const kept = 'made-up-0123456789abcdef';
  const canary = 'planted_0123456789abcdef';
  const hashOf = (text: string): string => createHmac('sha256', secret).update(text).digest('base64url');
  const values = knownValues(
    [{ id: 'credential 1', class: 'secret.api_key', length: kept.length, hash: hashOf(kept) }],
    secret,
    new Map([[hash('sha256', canary, 'hex'), 'canary-1']]),
  );

  it('are known by their hashes', () => {
    expect(values?.lookup(kept)).toEqual({ id: 'credential 1', class: 'secret.api_key' });
    expect(values?.lookup(canary)).toEqual({ id: 'canary canary-1', class: 'secret.api_key' });
    expect(values?.lookup(kept.toUpperCase())).toBeNull();
    expect(values?.lengths.has(kept.length)).toBe(true);
    expect(knownValues([], secret, null)).toBeNull();
  });

  it('do not cross where nothing can be put in their place, however short they are', () => {
    const short = ['k7', 'made', 'up'].join('-');
    const known = knownValues(
      [{ id: 'secret 1', class: 'secret.api_key', length: short.length, hash: hashOf(short) }],
      secret,
      null,
    );
    const service = serviceOf('openai');
    const scanner = compileTextScanner({ ...nothing, known }, 'all', secret);
    const text = { scanner, vendorSecret: secret, answers: null, limits: textLimits.refuse };
    const live = liveOf(service, service.contracts.recommended, [], 'enforce', text);
    const crossing = (body: unknown, headers = {}) => {
      const head = { authorization: `Bearer ${virtualKey}`, ...headers };
      return () => cross(live, incomingOf('POST', '/v1/chat/completions', head, JSON.stringify(body)));
    };
    const messages = [{ role: 'user', content: 'hi' }];
    const refused = expect.objectContaining({ code: 'field_refused', kept: ['secret 1'] });
    expect(crossing({ model: short, messages })).toThrow(refused);
    expect(crossing({ model: 'm', messages: [{ role: short, content: 'hi' }] })).toThrow(refused);
    expect(crossing({ model: 'm', messages }, { accept: `${short}/1` })).toThrow(refused);
    expect(crossing({ model: 'gpt-made-up', messages })).not.toThrow();
  });
});

describe('tokens', () => {
  it('are of the kind of the class', () => {
    expect(
      ['person.email', 'secret.token', 'business.term', 'event.property', 'constructor'].map(tokenKindOf),
    ).toEqual(['EMAIL', 'SECRET', 'TERM', 'VALUE', 'VALUE']);
  });

  it.each([
    ['person.email', ' Anna@Example.com', 'anna@example.com'],
    ['person.phone', '+49 (30) 901 820', '+4930901820'],
    ['person.phone', '＋４９ ３０ ９０１', '+4930901'],
    ['payment.card', '4111 1111-1111 1111', '4111111111111111'],
    ['payment.iban', 'de89 3704 0044', 'DE8937040044'],
    ['person.name', 'Anna\u00a0 Berger', 'anna berger'],
    ['content.prompt', 'As It Is', 'As It Is'],
  ])('%s: %j is %j', (fieldClass, value, canonical) => {
    expect(canonicalValue(fieldClass, value)).toBe(canonical);
  });

  it.each([
    ['person.phone', '+49 30 901820 ext. 5', '+49 30 9018205'],
    ['person.phone', '+٤٩ ٣٠ ٩٠١٨٢٠', '+٤٩ ٣٠ ٩٠١٨٢١'],
    ['payment.card', '４１１１１１１１１１１１１１１１', '５５５５５５５５５５５５４４４４'],
    ['person.national_id', '811228-9874', '811228+9874'],
    ['person.id', 'user_aB1', 'user-Ab1'],
    ['org.id', 'org_aB1', 'org_Ab1'],
    ['secret.password', 'Pass@Word.Com1', 'pass@word.com1'],
    ['secret.password', 'a  b c', 'a b c'],
    ['content.prompt', 'if x:\n  y', 'if x: y'],
    ['content.prompt', `${'a'.repeat(1000)}x`, `${'a'.repeat(1000)}y`],
  ])('%s: %j is another value than %j', (fieldClass, one, other) => {
    expect(canonicalValue(fieldClass, one)).not.toBe(canonicalValue(fieldClass, other));
  });

  it('are the same for one app, vendor and epoch, and for no other', () => {
    const key = tokenKey(secret, 'app-1');
    const text = keyedTokenText(key, 'EMAIL', 'a@example.com');
    expect(text).toMatch(/^[0-9A-HJKMNP-TV-Z]{13}$/);
    expect(keyedTokenText(tokenKey(secret, 'app-1'), 'EMAIL', 'a@example.com')).toBe(text);
    const others = [
      keyedTokenText(tokenKey(secret, 'app-2'), 'EMAIL', 'a@example.com'),
      keyedTokenText(tokenKey(Buffer.alloc(32, 4), 'app-1'), 'EMAIL', 'a@example.com'),
      keyedTokenText(key, 'PERSON', 'a@example.com'),
      keyedTokenText(key, 'EMAIL', 'b@example.com'),
    ];
    expect(new Set([text, ...others]).size).toBe(5);
  });
});

describe('a scanner that fails', () => {
  const service = serviceOf('openai');
  const crossing = (find: () => readonly Found[]) => {
    const scanner = {
      find,
      secrets: () => [],
      // biome-ignore lint/correctness/useYield: it is not asked
      *steps() {
        return find();
      },
    };
    const text = { scanner, vendorSecret: secret, answers: null, limits: textLimits.refuse };
    const live = liveOf(service, service.contracts.recommended, [], 'observe', text);
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'made up' }] });
    return () =>
      cross(
        live,
        incomingOf('POST', '/v1/chat/completions', { authorization: `Bearer ${virtualKey}` }, body),
      );
  };

  it('refuses the crossing, in every mode', () => {
    const failing = crossing(() => {
      throw new TypeError('made up');
    });
    expect(failing).toThrow(expect.objectContaining({ code: 'scan_failed', cause: expect.any(TypeError) }));
  });

  it('refuses more findings than anyone sends', () => {
    const found = Array.from(
      { length: 20_001 },
      (_, at): Found => ({
        class: 'person.email',
        start: at,
        end: at + 1,
        isUnsure: false,
        confidence: 'likely',
        detector: 'made_up',
        why: 'made up',
        known: null,
      }),
    );
    expect(crossing(() => found)).toThrow(expect.objectContaining({ code: 'scan_over_budget' }));
  });
});
