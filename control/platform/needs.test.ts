import { createRoute, z } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import { createRouter, json } from './http.ts';
import { type Needs, needs, needsOf, readNeeds } from './needs.ts';

const answer = { responses: { 200: json(z.object({}), 'A made-up answer') } };
const documented = (path: string, found?: Needs) =>
  createRoute({ method: 'get', path, ...(found === undefined ? {} : { 'x-needs': found }), ...answer });

/** What a gate in front would hear of a request. */
async function asked(path: string, method = 'GET') {
  const api = createRouter();
  const heard: unknown[] = [];
  api.use('*', async (c, next) => {
    heard.push(needsOf(c, readNeeds(api, '/api', { 'GET /stream': needs('crossing.read') })));
    await next();
  });
  api
    .openapi(documented('/things', needs('app.read')), (c) => c.json({}, 200))
    .openapi(documented('/things/special', needs('key.write')), (c) => c.json({}, 200))
    .openapi(documented('/things/{id}', needs('app.write', { own: 'app' })), (c) => c.json({}, 200))
    .openapi(documented('/makers/{maker}/things/{id}', needs('app.read')), (c) => c.json({}, 200))
    .openapi(documented('/silent'), (c) => c.json({}, 200));
  api.get('/stream', (c) => c.text(''));
  const outer = createRouter();
  outer.route('/api', api);
  await outer.request(`/api${path}`, { method });
  return heard[0];
}

test.each([
  ['/things', { needed: needs('app.read'), named: null }],
  ['/things/special', { needed: needs('key.write'), named: null }],
  ['/things/one', { needed: needs('app.write', { own: 'app' }), named: { of: 'things', id: 'one' } }],
  ['/things/a%2Fb', { needed: needs('app.write', { own: 'app' }), named: { of: 'things', id: 'a/b' } }],
  ['/makers/acme/things/7', { needed: needs('app.read'), named: { of: 'makers', id: 'acme' } }],
  ['/stream', { needed: needs('crossing.read'), named: null }],
])('the route that answers %s says what it needs', async (path, found) => {
  expect(await asked(path)).toEqual(found);
});

test('a route that does not say, and one that is not there, need what nobody has', async () => {
  expect(await asked('/silent')).toBeNull();
  expect(await asked('/made-up')).toBeNull();
  expect(await asked('/things', 'DELETE')).toBeNull();
});

test('HEAD needs what GET needs', async () => {
  expect(await asked('/things', 'HEAD')).toEqual({ needed: needs('app.read'), named: null });
});

test('a sensitive act asks for a fresh factor wherever it is done', () => {
  expect(needs('erasure.run')).toMatchObject({ stepUp: true });
  expect(needs('app.read')).toMatchObject({ stepUp: false });
  expect(needs('connection.change', { stepUp: true })).toMatchObject({ stepUp: true });
});
