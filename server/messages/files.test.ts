import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailbox, messagesIn } from './files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-mail-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const collect = async <T>(from: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const one of from) all.push(one);
  return all;
};

test('a mailbox gives its messages, however its bytes come in', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'F', ' ', '>', ':'), maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(line, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      async (messages, width) => {
        const quoted = messages.map((lines) =>
          lines.map((one) => `${/^>*From /.test(one) ? '>' : ''}${one}\n`).join(''),
        );
        const whole = Buffer.from(quoted.map((one) => `From nobody\n${one}`).join(''));
        const chunks = Array.from({ length: Math.ceil(whole.length / width) }, (_, n) =>
          whole.subarray(n * width, (n + 1) * width),
        );
        const read = await collect(
          mailbox(
            (async function* () {
              yield* chunks;
            })(),
          ),
        );
        expect(read.map(String)).toEqual(messages.map((lines) => lines.map((one) => `${one}\n`).join('')));
      },
    ),
  );
});

test('files, mailboxes and folders are walked', async () => {
  await writeFile(join(folder, 'a.eml'), 'Subject: one\n\nx');
  await writeFile(join(folder, 'b.mbox'), 'From x\nSubject: two\n\ny\nFrom x\nSubject: three\n\nz\n');
  const found = await collect(messagesIn([folder]));
  const told = found.map((one) => [
    one.file.slice(folder.length + 1),
    'raw' in one ? one.raw.toString() : one.problem.code,
  ]);
  expect(told).toEqual([
    ['a.eml', 'Subject: one\n\nx'],
    ['b.mbox#1', 'Subject: two\n\ny\n'],
    ['b.mbox#2', 'Subject: three\n\nz\n'],
  ]);
});

test('what can’t be read is told, and the rest is gone on with', async () => {
  await writeFile(join(folder, 'a.eml'), 'Subject: one\n\nx');
  const [missing, there] = [join(folder, 'missing.eml'), join(folder, 'a.eml')];
  expect(await collect(messagesIn([there, missing, there]))).toMatchObject([
    { file: there, raw: expect.anything() },
    { file: missing, problem: { code: 'ENOENT', message: expect.stringContaining('no such file') } },
    { file: there, raw: expect.anything() },
  ]);
});

test('a line without end does not pile up', async () => {
  const endless = (async function* () {
    yield Buffer.from('From x\n');
    for (let n = 0; n < 80; n++) yield Buffer.alloc(1 << 20, 'a');
  })();
  const [one] = await collect(mailbox(endless));
  expect(one?.length).toBeLessThan(64 << 20);
});
