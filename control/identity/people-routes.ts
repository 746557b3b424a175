import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  actions,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  launcher,
  needs,
  notFound,
  Problem,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import type { IdentityParts } from './identity.ts';
import { firstLink, type Link } from './links.ts';
import { findPerson } from './person.ts';
import { listPeople, listSessions, readPerson } from './read.ts';
import { roleNames, roles } from './roles.ts';
import {
  AccessEndsSchema,
  EmailSchema,
  LinkSchema,
  NameSchema,
  PersonSchema,
  RolesSchema,
  RoleViewSchema,
  SessionItemSchema,
} from './schemas.ts';

const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});
const reasonBody = {
  body: {
    required: false,
    content: { 'application/json': { schema: z.strictObject({ reason: ReasonSchema.optional() }) } },
  },
};
const params = z.object({ id: z.string().max(60) });
const LinkAnswer = z.object({ link: LinkSchema });

const list = createRoute({
  method: 'get',
  path: '/people',
  'x-needs': needs('person.read'),
  summary: 'People who have accounts here',
  responses: { 200: json(z.object({ items: z.array(PersonSchema) }), 'All of them'), ...problemResponses },
});
const read = createRoute({
  method: 'get',
  path: '/people/{id}',
  'x-needs': needs('person.read'),
  summary: 'One person',
  request: { params },
  responses: { 200: json(PersonSchema, 'The person'), ...problemResponses },
});
const invite = createRoute({
  method: 'post',
  path: '/people',
  'x-needs': needs('person.invite'),
  summary: 'Invite someone by a link',
  request: body(
    z.strictObject({
      email: EmailSchema,
      name: NameSchema.optional(),
      roles: RolesSchema.min(1, 'give at least one role'),
      accessEnds: AccessEndsSchema.optional(),
      reason: ReasonSchema.optional(),
    }),
  ),
  responses: {
    201: json(z.object({ person: PersonSchema, link: LinkSchema }), 'The link is shown once'),
    ...problemResponses,
  },
});
const inviteAgain = createRoute({
  method: 'post',
  path: '/people/{id}/invitation',
  'x-needs': needs('person.invite'),
  summary: 'A new link for someone who did not come in yet; the earlier one ends',
  request: { params, ...reasonBody },
  responses: { 201: json(LinkAnswer, 'Shown once'), ...problemResponses },
});
const change = createRoute({
  method: 'patch',
  path: '/people/{id}',
  'x-needs': needs('person.change'),
  summary: 'Change someone’s roles, or when their access ends',
  request: {
    params,
    ...body(
      z.strictObject({
        roles: RolesSchema.optional(),
        accessEnds: AccessEndsSchema.optional(),
        reason: ReasonSchema.optional(),
      }),
    ),
  },
  responses: { 200: json(PersonSchema, 'As they are now'), ...problemResponses },
});
const offboard = createRoute({
  method: 'post',
  path: '/people/{id}/offboard',
  'x-needs': needs('person.change'),
  summary: 'End all that someone has here, at once',
  request: { params, ...reasonBody },
  responses: { 204: { description: 'Their sessions, links, factors and tokens ended' }, ...problemResponses },
});
const resetFactors = createRoute({
  method: 'post',
  path: '/people/{id}/reset-factors',
  'x-needs': needs('person.change'),
  summary: 'Take what someone signs in with away, and give a link to enrol anew',
  request: { params, ...reasonBody },
  responses: { 201: json(LinkAnswer, 'Shown once'), ...problemResponses },
});
const sessions = createRoute({
  method: 'get',
  path: '/people/{id}/sessions',
  'x-needs': needs('person.read'),
  summary: 'Where someone is signed in',
  request: { params },
  responses: {
    200: json(z.object({ items: z.array(SessionItemSchema) }), 'Their sessions'),
    ...problemResponses,
  },
});
const endSessions = createRoute({
  method: 'delete',
  path: '/people/{id}/sessions',
  'x-needs': needs('person.change'),
  summary: 'Sign someone out everywhere',
  request: { params },
  responses: { 200: json(z.object({ ended: z.number().int() }), 'How many ended'), ...problemResponses },
});
const listRoles = createRoute({
  method: 'get',
  path: '/roles',
  'x-needs': needs('person.read'),
  summary: 'Roles, and what each permits',
  responses: { 200: json(z.object({ items: z.array(RoleViewSchema) }), 'All of them'), ...problemResponses },
});
const makeLink = createRoute({
  method: 'post',
  path: '/sign-in-links',
  'x-needs': needs('person.invite'),
  summary:
    'For the command on this machine: a link for the first administrator, or for who lost every other way in',
  request: body(
    z.strictObject({
      email: EmailSchema.optional(),
      name: NameSchema.optional(),
      reason: ReasonSchema.optional(),
    }),
  ),
  responses: { 201: json(LinkSchema, 'Shown once'), ...problemResponses },
});

/** Who has an account here, and what they may do. */
export function peopleRoutes({ platform, people, approvals }: IdentityParts) {
  const by = (c: Context<HttpEnv>, reason?: string) => ({
    caller: c.get('actor'),
    reason: givenReason(c, reason),
  });
  const asking = <Result>({ caller, reason }: ReturnType<typeof by>, work: () => Promise<Result>) =>
    approvals.asking({ actor: caller, reason }, work);
  const you = (c: Context<HttpEnv>): string => c.get('actor').id;
  const shown = (c: Context<HttpEnv>, link: Link) => {
    c.set('shownOnce', true);
    return linkView(link);
  };

  return createRouter()
    .openapi(list, async (c) => c.json({ items: await listPeople(platform, { you: you(c) }) }, 200))
    .openapi(read, async (c) =>
      c.json(await readPerson(platform, { you: you(c), id: c.req.valid('param').id }), 200),
    )
    .openapi(invite, async (c) => {
      const { reason, name = '', accessEnds = null, ...asked } = c.req.valid('json');
      const who = by(c, reason);
      const { person, link } = await asking(who, () => people.invite({ ...asked, name, accessEnds }, who));
      const view = await readPerson(platform, { you: you(c), id: person });
      return c.json({ person: view, link: shown(c, link) }, 201);
    })
    .openapi(inviteAgain, async (c) => {
      const who = by(c, c.req.valid('json').reason);
      const link = await asking(who, () => people.inviteAgain(c.req.valid('param').id, who));
      return c.json({ link: shown(c, link) }, 201);
    })
    .openapi(change, async (c) => {
      const { reason, ...asked } = c.req.valid('json');
      const { id } = c.req.valid('param');
      const who = by(c, reason);
      await asking(who, () => people.change(id, asked, who));
      return c.json(await readPerson(platform, { you: you(c), id }), 200);
    })
    .openapi(offboard, async (c) => {
      await people.offboard(c.req.valid('param').id, by(c, c.req.valid('json').reason));
      return c.body(null, 204);
    })
    .openapi(resetFactors, async (c) => {
      const who = by(c, c.req.valid('json').reason);
      const link = await asking(who, () => people.resetFactors(c.req.valid('param').id, who));
      return c.json({ link: shown(c, link) }, 201);
    })
    .openapi(sessions, async (c) => {
      const { id } = c.req.valid('param');
      if ((await findPerson(platform.db, id)) === null) throw notFound('person');
      return c.json({ items: await listSessions(platform, id, c.get('session')?.id ?? '') }, 200);
    })
    .openapi(endSessions, async (c) =>
      c.json({ ended: await people.endSessions(c.req.valid('param').id, by(c)) }, 200),
    )
    .openapi(listRoles, (c) => c.json({ items: roleNames.map(roleView) }, 200))
    .openapi(makeLink, async (c) => {
      const { email, name = '', reason } = c.req.valid('json');
      const { caller, reason: why } = by(c, reason);
      if (caller.kind !== 'command')
        throw new Problem(
          403,
          'command_only',
          'Only the command on this machine does this. Invite people instead.',
        );
      const link =
        (await firstLink(platform, { actor: launcher, reason: why })) ??
        (await people.recover({ email: expectEmail(email), name }, { caller, reason: why }));
      return c.json(shown(c, link), 201);
    });
}

function expectEmail(email: string | undefined): string {
  if (email !== undefined) return email;
  throw new Problem(
    409,
    'person_needed',
    'There are people who can sign in. Say for whom the link is, with --email: their factors and sessions end, and who is not known becomes an owner.',
  );
}

const linkView = ({ token, expiresAt }: Link) => ({ token, expiresAt: new Date(expiresAt).toISOString() });

function roleView(id: (typeof roleNames)[number]) {
  const { text, actions: all, own } = roles[id];
  const line = (action: (typeof all)[number], isOwn: boolean) => ({
    id: action,
    text: actions[action].text,
    own: isOwn,
    sensitive: actions[action].sensitive === true,
  });
  return {
    id,
    text,
    actions: [...all.map((action) => line(action, false)), ...own.map((action) => line(action, true))],
  };
}
