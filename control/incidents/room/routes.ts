import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  PageQuerySchema,
  pageSchema,
  problemResponses,
  type Tx,
} from '../../platform/index.ts';
import {
  addTask,
  changeIncident,
  changeTask,
  type IncidentDeps,
  merge,
  openIncident,
  relate,
  setMember,
  tell,
} from './incidents.ts';
import type { NewLine } from './lines.ts';
import { expectVisible, listIncidents, type ReadDeps, readIncident } from './read.ts';
import {
  AnswerSchema,
  ChangeSchema,
  ClaimSchema,
  DecisionSchema,
  IncidentRowSchema,
  IncidentSchema,
  MemberSchema,
  NoteSchema,
  OpenSchema,
  OtherSchema,
  PlaybookSchema,
  QuestionSchema,
  TaskChangeSchema,
  TaskEntrySchema,
  WithdrawSchema,
} from './schemas.ts';
import { states } from './tables.ts';

const read = needs('incident.read');
const work = needs('incident.work');
const params = z.object({ incident: z.uuid() });
const line = z.object({ incident: z.uuid(), n: z.coerce.number().int().min(1).max(1_000_000) });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const whole = { 200: json(IncidentSchema, 'The incident'), ...problemResponses };

const list = createRoute({
  method: 'get',
  path: '/incidents',
  'x-needs': read,
  summary: 'Incidents, the newest first; restricted ones are there for their members alone',
  request: {
    query: PageQuerySchema.extend({
      state: z.enum(states).optional(),
      party: z.string().max(61).optional(),
      drill: z.enum(['true', 'false']).optional().openapi({ description: 'Drills alone, or what is real' }),
      q: z.string().trim().max(200).optional().openapi({
        description:
          'Its number, or words of its title in any order. A page may be short, and have a next one: titles lie sealed, and so many are opened at a time',
      }),
    }),
  },
  responses: { 200: json(pageSchema(IncidentRowSchema), 'A page of incidents'), ...problemResponses },
});
const open = createRoute({
  method: 'post',
  path: '/incidents',
  'x-needs': work,
  summary: 'Open an incident, with the tasks and questions of a playbook',
  request: { body: body(OpenSchema) },
  responses: { 201: json(IncidentSchema, 'The incident'), ...problemResponses },
});
const one = createRoute({
  method: 'get',
  path: '/incidents/{incident}',
  'x-needs': read,
  summary: 'An incident: what is claimed, who does what, what was decided and asked',
  request: { params },
  responses: whole,
});
const change = createRoute({
  method: 'patch',
  path: '/incidents/{incident}',
  'x-needs': work,
  summary: 'Change what stands of an incident; closing one needs its tasks ended',
  request: { params, body: body(ChangeSchema) },
  responses: whole,
});
const claim = createRoute({
  method: 'post',
  path: '/incidents/{incident}/claims',
  'x-needs': work,
  summary: 'Enter what somebody says: whose word, when learned, how sure',
  request: { params, body: body(ClaimSchema) },
  responses: { ...whole, 201: json(IncidentSchema, 'The incident') },
});
const withdraw = createRoute({
  method: 'post',
  path: '/incidents/{incident}/claims/{n}/withdrawal',
  'x-needs': work,
  summary: 'Say that a claim no longer stands; it stays where it is',
  request: { params: line, body: body(WithdrawSchema) },
  responses: { ...whole, 201: json(IncidentSchema, 'The incident') },
});
const note = createRoute({
  method: 'post',
  path: '/incidents/{incident}/notes',
  'x-needs': work,
  summary: 'Write a line into the timeline',
  request: { params, body: body(NoteSchema) },
  responses: { ...whole, 201: json(IncidentSchema, 'The incident') },
});
const decision = createRoute({
  method: 'post',
  path: '/incidents/{incident}/decisions',
  'x-needs': work,
  summary: 'Record a decision, and why',
  request: { params, body: body(DecisionSchema) },
  responses: { ...whole, 201: json(IncidentSchema, 'The incident') },
});
const question = createRoute({
  method: 'post',
  path: '/incidents/{incident}/questions',
  'x-needs': work,
  summary: 'Note a question to the vendor, and until when an answer is expected',
  request: { params, body: body(QuestionSchema) },
  responses: { ...whole, 201: json(IncidentSchema, 'The incident') },
});
const answer = createRoute({
  method: 'post',
  path: '/incidents/{incident}/questions/{n}/answers',
  'x-needs': work,
  summary: 'Enter what the vendor answered',
  request: { params: line, body: body(AnswerSchema) },
  responses: { ...whole, 201: json(IncidentSchema, 'The incident') },
});
const newTask = createRoute({
  method: 'post',
  path: '/incidents/{incident}/tasks',
  'x-needs': work,
  summary: 'Add a task',
  request: { params, body: body(TaskEntrySchema) },
  responses: { ...whole, 201: json(IncidentSchema, 'The incident') },
});
const task = createRoute({
  method: 'patch',
  path: '/incidents/{incident}/tasks/{n}',
  'x-needs': work,
  summary: 'End a task, give it to somebody, or move its time',
  request: { params: line, body: body(TaskChangeSchema) },
  responses: whole,
});
const member = createRoute({
  method: 'put',
  path: '/incidents/{incident}/members',
  'x-needs': work,
  summary: 'Give somebody roles in an incident, and with them sight of it',
  request: { params, body: body(MemberSchema) },
  responses: whole,
});
const related = createRoute({
  method: 'post',
  path: '/incidents/{incident}/related',
  'x-needs': work,
  summary: 'Link two incidents',
  request: { params, body: body(OtherSchema) },
  responses: { ...whole, 201: json(IncidentSchema, 'The incident') },
});
const merged = createRoute({
  method: 'post',
  path: '/incidents/{incident}/merge',
  'x-needs': work,
  summary: 'Go on in another incident; this one is kept as it was',
  request: { params, body: body(OtherSchema) },
  responses: whole,
});
const playbooks = createRoute({
  method: 'get',
  path: '/playbooks',
  'x-needs': read,
  summary: 'What is done in which kind of incident',
  responses: {
    200: json(z.object({ items: z.array(PlaybookSchema) }), 'The playbooks'),
    ...problemResponses,
  },
});

export type RoomDeps = IncidentDeps & ReadDeps;

const time = (text: string | undefined): Date | undefined =>
  text === undefined ? undefined : new Date(text);
const timeOrNull = (text: string | null | undefined): Date | null | undefined =>
  text === null ? null : time(text);

export function incidentRoutes(deps: RoomDeps) {
  const { platform } = deps;
  const byOf = (c: Context<HttpEnv>, reason: string | undefined, fallback: string): By => ({
    actor: c.get('actor'),
    // What is entered says why it is entered.
    reason: givenReason(c, reason ?? fallback),
  });

  /** Does an act in an incident that who asks may see, and shows it as it stands then. */
  async function act(c: Context<HttpEnv>, id: string, work: (tx: Tx) => Promise<unknown>) {
    await expectVisible(deps, id, c.get('actor'));
    await platform.db.transaction().execute(work);
    platform.events.publish('incidents');
    return readIncident(deps, id);
  }
  const enter = (c: Context<HttpEnv>, id: string, given: NewLine, reason: string | undefined) =>
    act(c, id, (tx) => tell(tx, deps, id, given, byOf(c, reason, `Entered a ${given.kind}`)));

  return createRouter()
    .openapi(list, async (c) => c.json(await listIncidents(deps, c.get('actor'), c.req.valid('query')), 200))
    .openapi(open, async (c) => {
      const { reason, party, occurredFrom, occurredTo, learned, ...given } = c.req.valid('json');
      const opening = {
        ...given,
        party: party ?? null,
        occurredFrom: time(occurredFrom) ?? null,
        occurredTo: time(occurredTo) ?? null,
        learned: learned === undefined ? null : { ...learned, at: new Date(learned.at) },
      };
      const by = byOf(c, reason, '');
      let id = '';
      await platform.db.transaction().execute(async (tx) => {
        id = await openIncident(tx, deps, opening, by);
      });
      platform.events.publish('incidents');
      return c.json(await readIncident(deps, id), 201);
    })
    .openapi(one, async (c) => {
      const { incident } = c.req.valid('param');
      await expectVisible(deps, incident, c.get('actor'));
      return c.json(await readIncident(deps, incident), 200);
    })
    .openapi(change, async (c) => {
      const { incident } = c.req.valid('param');
      const { reason, occurredFrom, occurredTo, ...given } = c.req.valid('json');
      const from = timeOrNull(occurredFrom);
      const to = timeOrNull(occurredTo);
      const changed = {
        ...given,
        ...(from === undefined ? {} : { occurredFrom: from }),
        ...(to === undefined ? {} : { occurredTo: to }),
      };
      return c.json(
        await act(c, incident, (tx) => changeIncident(tx, deps, incident, changed, byOf(c, reason, ''))),
        200,
      );
    })
    .openapi(claim, async (c) => {
      const { about, text, source, learnedAt, confidence, replaces, reason } = c.req.valid('json');
      const given: NewLine = {
        kind: 'claim',
        about,
        text,
        source,
        confidence,
        happenedAt: new Date(learnedAt),
        ...(replaces === undefined ? {} : { refers: replaces }),
      };
      return c.json(await enter(c, c.req.valid('param').incident, given, reason), 201);
    })
    .openapi(withdraw, async (c) => {
      const { incident, n } = c.req.valid('param');
      const { text, reason } = c.req.valid('json');
      return c.json(await enter(c, incident, { kind: 'withdrawn', text, refers: n }, reason), 201);
    })
    .openapi(note, async (c) => {
      const { text, happenedAt, reason } = c.req.valid('json');
      const at = time(happenedAt);
      const given: NewLine = { kind: 'note', text, ...(at === undefined ? {} : { happenedAt: at }) };
      return c.json(await enter(c, c.req.valid('param').incident, given, reason), 201);
    })
    .openapi(decision, async (c) => {
      const { text, why, reason } = c.req.valid('json');
      return c.json(
        await enter(c, c.req.valid('param').incident, { kind: 'decision', text, source: why }, reason),
        201,
      );
    })
    .openapi(question, async (c) => {
      const { text, dueAt, reason } = c.req.valid('json');
      const given: NewLine = { kind: 'question', text, dueAt: new Date(dueAt) };
      return c.json(await enter(c, c.req.valid('param').incident, given, reason), 201);
    })
    .openapi(answer, async (c) => {
      const { incident, n } = c.req.valid('param');
      const { text, source, answeredAt, reason } = c.req.valid('json');
      const given: NewLine = { kind: 'answer', text, source, refers: n, happenedAt: new Date(answeredAt) };
      return c.json(await enter(c, incident, given, reason), 201);
    })
    .openapi(newTask, async (c) => {
      const { incident } = c.req.valid('param');
      const { title, why, phase, owner, dueAt, reason } = c.req.valid('json');
      const given = { title, why: why ?? null, phase, owner: owner ?? null, dueAt: time(dueAt) ?? null };
      return c.json(
        await act(c, incident, (tx) => addTask(tx, deps, incident, given, byOf(c, reason, 'Added a task'))),
        201,
      );
    })
    .openapi(task, async (c) => {
      const { incident, n } = c.req.valid('param');
      const { reason, dueAt, ...given } = c.req.valid('json');
      const due = timeOrNull(dueAt);
      const changed = { ...given, ...(due === undefined ? {} : { dueAt: due }) };
      return c.json(
        await act(c, incident, (tx) =>
          changeTask(tx, deps, incident, n, changed, byOf(c, reason, 'Changed a task')),
        ),
        200,
      );
    })
    .openapi(member, async (c) => {
      const { incident } = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      return c.json(
        await act(c, incident, (tx) => setMember(tx, deps, incident, given, byOf(c, reason, ''))),
        200,
      );
    })
    .openapi(related, async (c) => {
      const { incident } = c.req.valid('param');
      const { other, reason } = c.req.valid('json');
      await expectVisible(deps, other, c.get('actor'));
      return c.json(
        await act(c, incident, (tx) => relate(tx, deps, incident, other, byOf(c, reason, ''))),
        201,
      );
    })
    .openapi(merged, async (c) => {
      const { incident } = c.req.valid('param');
      const { other, reason } = c.req.valid('json');
      await expectVisible(deps, other, c.get('actor'));
      return c.json(
        await act(c, incident, (tx) => merge(tx, deps, incident, other, byOf(c, reason, ''))),
        200,
      );
    })
    .openapi(playbooks, async (c) =>
      c.json(
        {
          items: [...deps.playbooks.values()].map((one) => ({
            id: one.id,
            name: one.name,
            when: one.when,
            asOf: one.as_of,
            tasks: one.tasks.length,
            questions: one.questions.length,
          })),
        },
        200,
      ),
    );
}
