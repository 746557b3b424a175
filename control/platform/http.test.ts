import { createRoute, z } from '@hono/zod-openapi';
import fc from 'fast-check';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { newId } from './clock.ts';
import {
  createRouter,
  decodeCursor,
  encodeCursor,
  handleErrors,
  json,
  page,
  problemResponses,
} from './http.ts';
import { Problem } from './problem.ts';

let logged = '';
const log = pino(
  { level: 'debug' },
  {
    write(line: string) {
      logged += line;
    },
  },
);

function app() {
  const router = createRouter();
  router.onError(handleErrors(log));
  return router
    .openapi(
      createRoute({
        method: 'post',
        path: '/things',
        request: {
          body: {
            required: true,
            content: {
              'application/json': { schema: z.strictObject({ size: z.object({ width: z.int() }) }) },
            },
          },
        },
        responses: { 200: json(z.object({ ok: z.boolean() }), 'ok'), ...problemResponses },
      }),
      (c) => c.json({ ok: true }, 200),
    )
    .get('/broken', () => {
      throw new Error('the made-up internal detail');
    })
    .get('/nul', () => {
      throw Object.assign(new Error('invalid byte sequence'), { code: '22021' });
    })
    .get('/known', () => {
      throw new Problem(409, 'taken', 'This name is taken; choose another.', undefined, { next: 7 });
    });
}
const post = (body: string) =>
  app().request('/things', { method: 'POST', body, headers: { 'content-type': 'application/json' } });

test('a body that is not said to be JSON is refused so, and a text that PostgreSQL can’t hold is not our failure', async () => {
  const labelled = await app().request('/things', {
    method: 'POST',
    body: '{"size":{"width":1}}',
    headers: { 'content-type': 'text/plain' },
  });
  expect([labelled.status, await labelled.json()]).toMatchObject([415, { code: 'not_json' }]);
  const held = await app().request('/nul');
  expect([held.status, await held.json()]).toMatchObject([400, { code: 'invalid_request' }]);
});

test('a key that stands where a field’s name belongs is not repeated, and not every wrong field is listed', async () => {
  const key = 'sk-made-up-0001-abcdefghijklmnop';
  const text = await (await post(JSON.stringify({ size: { width: 1 }, [key]: 1, plain_name: 2 }))).text();
  expect(text).not.toContain(key);
  expect(text).toContain('plain_name');
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`f${n}`, 1]));
  const { errors } = (await (await post(JSON.stringify(many))).json()) as { errors: unknown[] };
  expect(errors).toHaveLength(50);
});

test('a wrong field is named, with what is wrong', async () => {
  const response = await post('{"size":{"width":"wide"}}');
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ code: 'invalid_request', errors: [{ field: 'size.width' }] });
});

test('a body that is not JSON is a problem too', async () => {
  const response = await post('{"size":');
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'invalid_request' });
});

test('what was not foreseen is logged and not told', async () => {
  const response = await app().request('/broken');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('made-up internal detail');
  expect(logged).toContain('made-up internal detail');
});

test('a problem is answered with its code, text and extra members', async () => {
  const response = await app().request('/known');
  expect(await response.json()).toMatchObject({
    status: 409,
    code: 'taken',
    detail: 'This name is taken; choose another.',
    next: 7,
  });
});

test('cursors come back as they were, and foreign ones are refused by name', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.integer())), (key) => {
      const schema = z.array(z.union([z.string(), z.number()]));
      expect(decodeCursor(encodeCursor(key), schema)).toEqual(key);
    }),
  );
  for (const cursor of ['', 'x', encodeCursor(['a', 1]), Buffer.from('{"a":').toString('base64url')]) {
    expect(() => decodeCursor(cursor, z.tuple([z.number()]))).toThrow(Problem);
  }
});

test('walking pages visits every row once', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 500 })),
      fc.integer({ min: 1, max: 20 }),
      (numbers, limit) => {
        const rows = numbers.toSorted((a, b) => a - b);
        const seen: number[] = [];
        let after = -1;
        for (;;) {
          const found = rows.filter((row) => row > after).slice(0, limit + 1);
          const got = page(
            found,
            limit,
            (row) => [row],
            (row) => row,
          );
          seen.push(...got.items);
          if (got.next === null) break;
          after = decodeCursor(got.next, z.tuple([z.number()]))[0];
        }
        expect(seen).toEqual(rows);
      },
    ),
  );
});

test('ids sort by the time they were made and are UUIDs of version 7', () => {
  const ids = [1, 5, 2 ** 40].map((now) =>
    newId({ now: () => now }, { bytes: (length) => Buffer.alloc(length, 0xff) }),
  );
  expect(ids).toEqual(ids.toSorted());
  for (const id of ids) expect(z.uuidv7().safeParse(id).success).toBe(true);
});
