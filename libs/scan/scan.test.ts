import { describe, expect, it } from 'vitest';
import { compileScanner, type DetectorRule, fingerprint, knownRun, phraseWords } from './index.ts';
import { exampleOf, seeded } from './testing/index.ts';

const rules: DetectorRule[] = [
  { id: 'made.api_key', class: 'secret.api_key', forms: ['mk_live_{base62:24}'] },
  { id: 'made.token', class: 'secret.token', forms: ['mdp_{base62:36}'], checksum: 'crc32_base62' },
  { id: 'made.hook', class: 'secret.token', forms: ['hooks.made.example/T{alnum_upper:8-12}/{base62:24}'] },
  { id: 'made.plain', class: 'secret.api_key', forms: ['{hex:32}'], keywords: ['madeup'] },
  { id: 'made.dotted', class: 'secret.token', forms: ['MD.{base64url:22}.{base64url:43}'] },
];
const random = seeded(11);
const scanner = compileScanner({ rules });
const formOf = (id: string): string => rules.find((rule) => rule.id === id)?.forms[0] ?? '';
const made = (id: string): string =>
  exampleOf(formOf(id), random, rules.find((rule) => rule.id === id)?.checksum);
const found = (text: string, by = scanner): [string, string, string][] =>
  by.scan(text).map(({ detector, confidence, start, end }) => [detector, confidence, text.slice(start, end)]);

describe('forms', () => {
  it('are found where nothing of a word stands on either side', () => {
    const key = made('made.api_key');
    for (const text of [
      key,
      `x ${key} y`,
      `"${key}"`,
      `k=${key};`,
      `(${key}).`,
      `"a\\n${key}\\n"`,
      `p-${key}`,
    ])
      expect(found(text), text).toEqual([['made.api_key', 'likely', key]]);
    for (const text of [`x${key}`, `${key}x`, `_${key}`, `${key}_`]) expect(found(text), text).toEqual([]);
  });

  it('begin before the run that they hold', () => {
    for (const id of ['made.hook', 'made.dotted']) {
      const value = made(id);
      expect(found(`see https://${value} now`), value).toEqual([[id, 'likely', value]]);
      expect(found(`see x${value} now`), value).toEqual([]);
    }
  });

  it('are certain by their checksum, and no more than possible without it', () => {
    const token = made('made.token');
    expect(found(token)).toEqual([['made.token', 'certain', token]]);
    const other = token.slice(0, -1) + (token.endsWith('a') ? 'b' : 'a');
    expect(found(other)).toEqual([['made.token', 'possible', other]]);
  });

  it('have the checksum that GitHub published for its tokens', () => {
    // From GitHub's description of the format; its random part, and what its CRC-32 must come to.
    const value = ['zQWBuTSOoRi4A9sp', 'HcVY5ncnsDkxkJ', '0mLq17'].join('');
    expect(found(`mdp_${value}`)).toEqual([['made.token', 'certain', `mdp_${value}`]]);
  });

  it('without a prefix are found after a keyword only', () => {
    const value = made('made.plain');
    expect(found(`id ${value}`)).toEqual([]);
    expect(found(`our MadeUp account: ${value}`)).toEqual([['made.plain', 'likely', value]]);
    expect(found(`madeup${' '.repeat(80)}${value}`)).toEqual([]);
  });

  it('that say they are none are none', () => {
    expect(found('mk_live_EXAMPLEEXAMPLEEXAMPLEEX')).toEqual([]);
    expect(found('mk_live_xxxxxxxxxxxxxxxxxxxxxxxx')).toEqual([]);
    expect(found('mk_live_aaaaaaaaaaaaaaaaaaaaaaaa')).toEqual([]);
  });

  it.each([
    ['{hex:32', 'bad_form'],
    ['{hexa:32}', 'bad_form'],
    ['ab {hex:32}', 'bad_form'],
    ['ab{hex:40-32}', 'bad_form'],
    ['ab{hex:9000}', 'bad_form'],
    ['ab{hex:6}', 'no_anchor'],
    ['{hex:32}', 'no_anchor'],
  ])('%s is refused', (form, code) => {
    expect(() => compileScanner({ rules: [{ id: 'a.b', class: 'secret.token', forms: [form] }] })).toThrow(
      expect.objectContaining({ code, field: 'rules[0].forms[0]' }),
    );
  });
});

describe('secrets without a rule', () => {
  const jwt = (payload: object): string =>
    [{ alg: 'HS256', typ: 'JWT' }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .concat(exampleOf('{base64url:43}', random))
      .join('.');

  it('JSON Web Tokens, with their end', () => {
    const token = jwt({ sub: 'made-up', exp: 1_900_000_000 });
    const [find] = scanner.scan(`Bearer ${token}, please`);
    expect(find).toMatchObject({
      detector: 'secret.jwt',
      confidence: 'certain',
      start: 7,
      expires: 1_900_000_000,
    });
    expect(find?.end).toBe(7 + token.length);
    expect(found(`${Buffer.from('{"a":1}').toString('base64url')}.eyJhbGci`)).toEqual([]);
  });

  const body = Array.from({ length: 6 }, () => exampleOf('{base64:64}', random));
  const key = (lines: readonly string[], glue: string): string =>
    ['-----BEGIN RSA PRIVATE', ' KEY-----'].join('') + glue + lines.join(glue) + glue;
  const close = ['-----END RSA PRIVATE', ' KEY-----'].join('');

  it.each([['\n'], ['\r\n'], ['\\n'], [' ']])('private keys with lines parted by %j', (glue) => {
    const whole = key(body, glue) + close;
    expect(found(`here:\n${whole}\nthanks`)).toEqual([['secret.pem', 'certain', whole]]);
  });

  it('private keys without their end, and no certificates', () => {
    const cut = key(body, '\n').trimEnd();
    expect(found(`${cut}. That was it`)).toEqual([['secret.pem', 'likely', cut]]);
    expect(found(cut.replace('RSA PRIVATE KEY', 'CERTIFICATE')).map(([one]) => one)).not.toContain(
      'secret.pem',
    );
  });

  it('passwords and tokens in URLs', () => {
    expect(found('postgres://app:h4rd,Pa@ss@db.example:5432/x')).toEqual([
      ['secret.url_password', 'likely', 'h4rd,Pa@ss'],
    ]);
    const token = exampleOf('{base62:30}', seeded(5));
    expect(found(`git clone https://${token}@git.example/x`)).toEqual([
      ['secret.url_token', 'likely', token],
    ]);
    for (const none of [
      'https://user:password@host',
      `http://a:${'$'}{PASS}@host`,
      'https://host/a@b',
      'ftp://me@host',
    ])
      expect(found(none), none).toEqual([]);
  });

  it.each([
    ['password = "Sommer2031!"', 'Sommer2031!'],
    ['DB_PASSWORD=k3llerTreppe', 'k3llerTreppe'],
    ['"dbPassword": "k3ller,Treppe"', 'k3ller,Treppe'],
    ['the password is k3llerTreppe.', 'k3llerTreppe'],
    ['client_secret: 9f8a7b6c5d4e3f2a1b0c', '9f8a7b6c5d4e3f2a1b0c'],
    ['X-Api-Key: 7Gh2kLp9Qw3Zx8Vb', '7Gh2kLp9Qw3Zx8Vb'],
    ['curl -H "Authorization: Bearer 7Gh2kLp9Qw3Zx8VbNm4T"', '7Gh2kLp9Qw3Zx8VbNm4T'],
    ['tool --api-key 7Gh2kLp9Qw3Zx8VbNm4T run', '7Gh2kLp9Qw3Zx8VbNm4T'],
    ['<accessKey>7Gh2kLp9Qw3Zx8VbNm4T</accessKey>', '7Gh2kLp9Qw3Zx8VbNm4T'],
  ])('a keyword before a value: %s', (text, value) => {
    expect(found(text).map(([, , one]) => one)).toEqual([value]);
  });

  it.each([
    ['password = getPassword2();'],
    ['password: process.env.DB_PASSWORD_2'],
    [`password: "${'$'}{DB_PASSWORD_2}"`],
    ['"password": "string"'],
    ['max_tokens: 4096'],
    ['tokenizer = "cl100k_base_tokenizer"'],
    ['secret: your-secret-key-12345'],
    ['const authToken = createAuthTokenFactory2;'],
    ['commit 3f2a9c1e7b5d4f608192a3b4c5d6e7f801234567'],
    ['the token count of the whole run was fine. See commit 3f2a9c1e7b5d4f608192a3b4c5d6e7f801234567'],
  ])('no secret: %s', (text) => {
    expect(found(text)).toEqual([]);
  });

  it('a member name is the context of its value', () => {
    const value = 'k3ller,Treppe';
    expect(scanner.scanValue('db_password', value)).toMatchObject([
      { class: 'secret.password', start: 0, end: value.length },
    ]);
    expect(scanner.scanValue('title', value)).toEqual([]);
  });

  it('are looked for behind another find in the same stretch', () => {
    const named = compileScanner({
      rules: [
        { id: 'made.named', class: 'secret.api_key', forms: ['{hex:20}'], keywords: ['madeup'] },
        { id: 'made.key', class: 'secret.api_key', forms: ['mk_live_{base62:24}'] },
      ],
    });
    const first = exampleOf('{hex:20}', seeded(4));
    const key = exampleOf('mk_live_{base62:24}', seeded(5));
    const packed = Buffer.from(`x ${key} y`).toString('base64url');
    const text = `madeup ${first}|${packed}`;
    expect(named.scan(text).map(({ start, end }) => text.slice(start, end))).toEqual([first, packed]);
  });

  it('base64 of text with a secret in it', () => {
    const encoded = Buffer.from(`user=me key=${made('made.api_key')} x`).toString('base64');
    expect(found(`data: ${encoded}\n`)).toEqual([['made.api_key', 'likely', encoded]]);
    const basic = Buffer.from('made-up:k3llerTreppe').toString('base64');
    expect(found(`Authorization: Basic ${basic}`).map(([by]) => by)).toEqual(['secret.basic_auth']);
  });
});

describe('known values', () => {
  const values = new Map<string, string>();
  const by = (list: readonly string[], filter: boolean) => {
    const runs = list.map((value) => knownRun(value) ?? { run: '', before: 0, after: 0 });
    const prints = new Set(runs.map(({ run }) => fingerprint(run, 77)));
    for (const value of list) values.set(value, value);
    return compileScanner({
      rules,
      known: {
        lengths: new Set(runs.map(({ run }) => run.length)),
        lookup: (candidate) => {
          const at = list.indexOf(candidate);
          if (at !== -1) return { id: `v${at}`, class: 'secret.password' };
          const run = runs.findIndex((one) => one.run === candidate);
          const { before = 0, after = 0 } = runs[run] ?? {};
          return run === -1 ? null : { id: `v${run}`, class: 'secret.password', around: { before, after } };
        },
        ...(filter ? { filter: { seed: 77, has: (print: number) => prints.has(print) } } : {}),
      },
    });
  };

  it.each([[true], [false]])(
    'are found whole, in pieces of runs and with what is around their run (filter %s)',
    (filter) => {
      const list = ['sunflower', 'two_parts-here99', 'p@ssw0rdLong!x', exampleOf('{base62:48}', random)];
      const known = by(list, filter);
      for (const [at, value] of list.entries())
        for (const text of [value, `my ${value} is`, `a="${value}"`, `a/${value}/b`]) {
          const finds = known.scan(text);
          expect(
            finds.map((one) => one.known),
            text,
          ).toContain(`v${at}`);
        }
      expect(known.scan('key-sunflower-x_y').map((one) => one.known)).toEqual(['v0']);
      expect(known.scan('Xtwo_parts-here99')).toEqual([]);
      expect(known.scan('p#ssw0rdLong!x')).toEqual([]);
    },
  );

  it.each([[true], [false]])(
    'are found whatever stands behind them, and whole however they are dashed (filter %s)',
    (filter) => {
      const list = ['sunflower7', '1-2-3-4-5-6-7-8-9-a', 'ab_cd_ef_gh_ij_kl_mn_op'];
      const known = by(list, filter);
      for (const [at, value] of list.entries())
        for (const text of [
          `${value} -----`,
          `${value}\n------------`,
          `| ${value} | - | - | - | - |`,
          `/${value}/-_-_-_/`,
        ])
          expect(known.scan(text), text).toMatchObject([{ known: `v${at}` }]);
    },
  );

  it('name the value that another find is', () => {
    const key = made('made.api_key');
    expect(by([key], true).scan(`x ${key}`)).toMatchObject([
      { confidence: 'certain', known: 'v0', detector: 'known' },
    ]);
    expect(knownRun('short')).toBeNull();
    expect(knownRun('has white space in it')).toBeNull();
  });
});

describe('known phrases', () => {
  const names = ['Ada Muster', 'Straße', 'Müller & Söhne GmbH', 'Nordstern', 'Иван Пример'];
  const keys = names.map((name) => phraseWords(name));
  const phrases = compileScanner({
    rules: [],
    phrases: {
      begins: (word) => {
        const counts = keys.filter(([first]) => first === word).map((words) => words.length);
        return counts.length === 0 ? null : counts;
      },
      lookup: (words) => {
        const at = keys.findIndex((key) => key.join(' ') === words);
        return at === -1 ? null : { id: String(at), class: 'person.name' };
      },
    },
  });

  it.each([
    ['ask Ada Muster.', 'Ada Muster'],
    ['ADA  MUSTER?', 'ADA  MUSTER'],
    ['in der STRASSE', 'STRASSE'],
    ['Mu\u0308ller & So\u0308hne GmbH', 'Mu\u0308ller & So\u0308hne GmbH'],
    ['muller, sohne gmbh', 'muller, sohne gmbh'],
    ['project_nordstern_2', 'nordstern'],
    ['это иван пример', 'иван пример'],
    ['thanks 🙏Ada Muster🎉', 'Ada Muster'],
    ['🇩🇪nordstern\ud83d', 'nordstern'],
    ['Ada👍🏽Muster nordstern', 'nordstern'],
  ])('are found in any case and with or without accents: %s', (text, phrase) => {
    expect(phrases.scan(text).map(({ start, end }) => text.slice(start, end))).toEqual([phrase]);
  });

  it('are not found within words, nor far apart', () => {
    for (const text of ['Nordsterne', 'Ada - - - Muster', 'Ada and Muster'])
      expect(phrases.scan(text)).toEqual([]);
  });
});
