import { createHash } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { stream } from 'hono/streaming';
import {
  type By,
  type Caller,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  PageQuerySchema,
  Problem,
  pageSchema,
  problemResponses,
  ReasonSchema,
  readSetting,
  recordChange,
  writeSetting,
} from '../platform/index.ts';
import { enterBounce } from './bounces.ts';
import { BreachSchema, breachCsv, keepBreach, listBreaches, readBreach } from './breach.ts';
import { type FileDeps, incidentFile } from './file.ts';
import {
  askReview,
  createNotice,
  decide,
  editNotice,
  expectState,
  lockNotice,
  rowsOf,
  withdraw,
} from './notices.ts';
import { OrganisationSchema, organisation } from './organisation.ts';
import { fileOf, listNotices, listRecipients, viewNotice } from './read.ts';
import {
  collectRecipients,
  drillRecipients,
  enterRecipients,
  type RecipientDeps,
  setDrillRecipients,
} from './recipients.ts';
import {
  BounceSchema,
  BreachPutSchema,
  CollectedSchema,
  CollectSchema,
  DecisionSchema,
  DrillSchema,
  ExportedSchema,
  ExportSchema,
  NoticeEditSchema,
  NoticeEntrySchema,
  NoticeRowSchema,
  NoticeSchema,
  RecipientListSchema,
  RecipientQuerySchema,
  RecipientViewSchema,
  SettleSchema,
  SheetEntrySchema,
  SheetVersionSchema,
  SheetViewSchema,
  TemplateViewSchema,
  WhySchema,
} from './schemas.ts';
import { beginSending, type SendingDeps, settle } from './sending.ts';
import { currentSheet, keepSheet, sheetVersions } from './sheets.ts';

const read = needs('incident.read');
const work = needs('incident.work');
const send = needs('notice.send');
const ofIncident = z.object({ incident: z.uuid() });
const ofNotice = z.object({ incident: z.uuid(), notice: z.uuid() });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const whole = { 200: json(NoticeSchema, 'The notice'), ...problemResponses };
const at = '/incidents/{incident}';
const one = `${at}/notices/{notice}`;

const getOrganisation = createRoute({
  method: 'get',
  path: '/organisation/notices',
  'x-needs': needs('setting.read'),
  summary: 'What every notice says of the organisation',
  responses: { 200: json(OrganisationSchema, 'The organisation'), ...problemResponses },
});
const putOrganisation = createRoute({
  method: 'put',
  path: '/organisation/notices',
  'x-needs': needs('setting.change'),
  summary: 'Say what every notice says of the organisation',
  request: { body: body(OrganisationSchema.extend({ reason: ReasonSchema.optional() })) },
  responses: { 200: json(OrganisationSchema, 'The organisation'), ...problemResponses },
});
const templates = createRoute({
  method: 'get',
  path: '/notice-templates',
  'x-needs': read,
  summary: 'Kinds of notices, with who reads them and what asks for them',
  responses: {
    200: json(z.object({ items: z.array(TemplateViewSchema) }), 'The kinds'),
    ...problemResponses,
  },
});
const sheet = createRoute({
  method: 'get',
  path: `${at}/fact-sheet`,
  'x-needs': read,
  summary: 'The facts that all notices are made of',
  request: { params: ofIncident },
  responses: { 200: json(SheetViewSchema, 'The newest version'), ...problemResponses },
});
const putSheet = createRoute({
  method: 'put',
  path: `${at}/fact-sheet`,
  'x-needs': work,
  summary: 'Keep a new version of the facts',
  request: { params: ofIncident, body: body(SheetEntrySchema) },
  responses: { 200: json(SheetViewSchema, 'The version that was kept'), ...problemResponses },
});
const versions = createRoute({
  method: 'get',
  path: `${at}/fact-sheet/versions`,
  'x-needs': read,
  summary: 'Versions of the facts, and what each changed',
  request: { params: ofIncident },
  responses: {
    200: json(z.object({ items: z.array(SheetVersionSchema) }), 'The newest first'),
    ...problemResponses,
  },
});
const list = createRoute({
  method: 'get',
  path: `${at}/notices`,
  'x-needs': read,
  summary: 'Notices of an incident, the newest first',
  request: { params: ofIncident },
  responses: {
    200: json(z.object({ items: z.array(NoticeRowSchema) }), 'Without their texts'),
    ...problemResponses,
  },
});
const create = createRoute({
  method: 'post',
  path: `${at}/notices`,
  'x-needs': work,
  summary: 'Make a notice of the fact sheet, as a draft',
  request: { params: ofIncident, body: body(NoticeEntrySchema) },
  responses: { 201: json(NoticeSchema, 'The draft'), ...problemResponses },
});
const view = createRoute({
  method: 'get',
  path: one,
  'x-needs': read,
  summary: 'A notice, as its readers get it',
  request: { params: ofNotice },
  responses: whole,
});
const edit = createRoute({
  method: 'patch',
  path: one,
  'x-needs': work,
  summary: 'Keep another text, or make it anew of the newest facts; it is a draft then',
  request: { params: ofNotice, body: body(NoticeEditSchema) },
  responses: whole,
});
const review = createRoute({
  method: 'post',
  path: `${one}/review`,
  'x-needs': work,
  summary: 'Hand a draft on for review',
  request: { params: ofNotice, body: body(WhySchema) },
  responses: whole,
});
const approve = createRoute({
  method: 'post',
  path: `${one}/approval`,
  'x-needs': needs('notice.approve'),
  summary: 'Approve the version that was read, or give it back; never one’s own',
  request: { params: ofNotice, body: body(DecisionSchema) },
  responses: whole,
});
const withdrawal = createRoute({
  method: 'post',
  path: `${one}/withdrawal`,
  'x-needs': work,
  summary: 'Take a notice that went to nobody out of the way',
  request: { params: ofNotice, body: body(WhySchema) },
  responses: whole,
});
const sending = createRoute({
  method: 'post',
  path: `${one}/sending`,
  'x-needs': send,
  summary: 'Send an approved notice to its recipients',
  request: { params: ofNotice, body: body(WhySchema) },
  responses: { 202: json(NoticeSchema, 'It is being sent'), ...problemResponses },
});
const settled = createRoute({
  method: 'post',
  path: `${one}/settled`,
  'x-needs': send,
  summary: 'Decide about a recipient whose mail is in doubt or was refused',
  request: { params: ofNotice, body: body(SettleSchema) },
  responses: whole,
});
const bounced = createRoute({
  method: 'post',
  path: `${one}/bounces`,
  'x-needs': send,
  summary: 'Enter a mail that came back later',
  request: { params: ofNotice, body: body(BounceSchema) },
  responses: { ...whole, 201: json(NoticeSchema, 'The notice') },
});
const exported = createRoute({
  method: 'post',
  path: `${one}/export`,
  'x-needs': send,
  summary: 'Have an approved notice as a file',
  request: { params: ofNotice, body: body(ExportSchema) },
  responses: { 200: json(ExportedSchema, 'The file'), ...problemResponses },
});
const enter = createRoute({
  method: 'put',
  path: `${one}/recipients`,
  'x-needs': work,
  summary: 'Enter the recipients of a draft',
  request: { params: ofNotice, body: body(RecipientListSchema) },
  responses: { 200: json(CollectedSchema, 'How many'), ...problemResponses },
});
const collect = createRoute({
  method: 'post',
  path: `${one}/recipients/collected`,
  'x-needs': work,
  summary:
    'Take the recipients of a draft from the people directory, from the notice it follows, or from the exercise',
  request: { params: ofNotice, body: body(CollectSchema) },
  responses: { 200: json(CollectedSchema, 'How many'), ...problemResponses },
});
const shown = createRoute({
  method: 'post',
  path: `${one}/recipients/shown`,
  'x-needs': needs('directory.show'),
  summary: 'See recipients, which is recorded',
  request: { params: ofNotice, body: body(RecipientQuerySchema) },
  responses: {
    200: json(
      z.object({ items: z.array(RecipientViewSchema), next: z.number().nullable() }),
      'In their order',
    ),
    ...problemResponses,
  },
});
const drill = createRoute({
  method: 'get',
  path: `${at}/drill-recipients`,
  'x-needs': work,
  summary: 'The only ones to whom anything of an exercise goes',
  request: { params: ofIncident },
  responses: { 200: json(DrillSchema, 'The recipients'), ...problemResponses },
});
const putDrill = createRoute({
  method: 'put',
  path: `${at}/drill-recipients`,
  'x-needs': work,
  summary: 'Say to whom what is written in an exercise goes',
  request: { params: ofIncident, body: body(RecipientListSchema) },
  responses: { 200: json(DrillSchema, 'The recipients'), ...problemResponses },
});
const breaches = createRoute({
  method: 'get',
  path: '/breach-register',
  'x-needs': read,
  summary:
    'Every breach with facts, effects, remedial action and decisions (GDPR Art. 33(5)), the newest first',
  request: { query: PageQuerySchema },
  responses: { 200: json(pageSchema(BreachSchema), 'A page'), ...problemResponses },
});
const breachTable = createRoute({
  method: 'get',
  path: '/breach-register.csv',
  'x-needs': read,
  summary: 'The register of breaches as a table',
  responses: {
    200: { description: 'CSV (RFC 4180)', content: { 'text/csv': { schema: z.string() } } },
    ...problemResponses,
  },
});
const getBreach = createRoute({
  method: 'get',
  path: `${at}/breach`,
  'x-needs': read,
  summary: 'An incident’s entry in the register of breaches',
  request: { params: ofIncident },
  responses: { 200: json(BreachSchema, 'The entry'), ...problemResponses },
});
const putBreach = createRoute({
  method: 'put',
  path: `${at}/breach`,
  'x-needs': work,
  summary: 'Keep an incident’s entry in the register of breaches',
  request: { params: ofIncident, body: body(BreachPutSchema) },
  responses: { 200: json(BreachSchema, 'The entry'), ...problemResponses },
});
const file = createRoute({
  method: 'get',
  path: `${at}/file.pdf`,
  'x-needs': read,
  summary: 'All of an incident as one document, with proofs from the log attached',
  request: { params: ofIncident },
  responses: {
    200: {
      description: 'PDF',
      content: { 'application/pdf': { schema: z.string().openapi({ format: 'binary' }) } },
    },
    ...problemResponses,
  },
});

export type NoticeRouteDeps = RecipientDeps & SendingDeps & FileDeps & { poke(): void };

export function noticeRoutes(deps: NoticeRouteDeps) {
  const { platform, book } = deps;
  const byOf = (
    c: Context<HttpEnv>,
    reason: string | undefined,
    fallback: string,
  ): By & { actor: Caller } => ({
    actor: c.get('actor'),
    reason: givenReason(c, reason ?? fallback),
  });
  const may = (c: Context<HttpEnv>, incident: string) => book.expectVisible(incident, c.get('actor'));
  const mayKnow = (c: Context<HttpEnv>) => (incident: string) =>
    may(c, incident).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Problem && error.status === 404) return false;
        throw error;
      },
    );
  const shownNotice = (c: Context<HttpEnv>, { incident, notice }: z.infer<typeof ofNotice>) =>
    viewNotice(deps, incident, notice, c.get('actor'));

  return createRouter()
    .openapi(getOrganisation, async (c) => c.json(await readSetting(platform.db, organisation), 200))
    .openapi(putOrganisation, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason), detail: given };
      await platform.db.transaction().execute((tx) => writeSetting(tx, platform, organisation, given, by));
      return c.json(await readSetting(platform.db, organisation), 200);
    })
    .openapi(templates, (c) =>
      c.json(
        {
          items: [...deps.templates.values()].map((found) => ({
            id: found.id,
            for: found.for,
            basis: found.basis,
            asOf: found.as_of,
            recipients: found.recipients,
            ownScope: found.own_scope,
            fields: found.fields,
            names: { en: found.en.name, de: found.de.name },
          })),
        },
        200,
      ),
    )
    .openapi(sheet, async (c) => {
      const { incident } = c.req.valid('param');
      await may(c, incident);
      return c.json(await currentSheet(deps, incident), 200);
    })
    .openapi(putSheet, async (c) => {
      const { incident } = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      await may(c, incident);
      await keepSheet(deps, incident, given, byOf(c, reason, 'Kept the fact sheet'));
      platform.events.publish('incidents');
      return c.json(await currentSheet(deps, incident), 200);
    })
    .openapi(versions, async (c) => {
      const { incident } = c.req.valid('param');
      await may(c, incident);
      return c.json({ items: await sheetVersions(deps, incident) }, 200);
    })
    .openapi(list, async (c) => {
      const { incident } = c.req.valid('param');
      await may(c, incident);
      return c.json({ items: await listNotices(deps, incident, c.get('actor')) }, 200);
    })
    .openapi(create, async (c) => {
      const { incident } = c.req.valid('param');
      const { reason, template, language, reader, follows } = c.req.valid('json');
      await may(c, incident);
      const asked = { template, language, reader: reader ?? null, follows: follows ?? null };
      const notice = await createNotice(deps, incident, asked, byOf(c, reason, 'Began a notice'));
      return c.json(await shownNotice(c, { incident, notice }), 201);
    })
    .openapi(view, async (c) => {
      const named = c.req.valid('param');
      await may(c, named.incident);
      return c.json(await shownNotice(c, named), 200);
    })
    .openapi(edit, async (c) => {
      const named = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      await may(c, named.incident);
      await editNotice(deps, named.incident, named.notice, given, byOf(c, reason, 'Edited a notice'));
      return c.json(await shownNotice(c, named), 200);
    })
    .openapi(review, async (c) => {
      const named = c.req.valid('param');
      await may(c, named.incident);
      await askReview(
        deps,
        named.incident,
        named.notice,
        byOf(c, c.req.valid('json').reason, 'Handed a notice on'),
      );
      return c.json(await shownNotice(c, named), 200);
    })
    .openapi(approve, async (c) => {
      const named = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      await may(c, named.incident);
      await decide(deps, named.incident, named.notice, given, byOf(c, reason, ''));
      return c.json(await shownNotice(c, named), 200);
    })
    .openapi(withdrawal, async (c) => {
      const named = c.req.valid('param');
      await may(c, named.incident);
      await withdraw(
        deps,
        named.incident,
        named.notice,
        byOf(c, c.req.valid('json').reason, 'Withdrew a notice'),
      );
      return c.json(await shownNotice(c, named), 200);
    })
    .openapi(sending, async (c) => {
      const named = c.req.valid('param');
      await may(c, named.incident);
      await beginSending(
        deps,
        named.incident,
        named.notice,
        byOf(c, c.req.valid('json').reason, 'Sent a notice'),
      );
      deps.poke();
      return c.json(await shownNotice(c, named), 202);
    })
    .openapi(settled, async (c) => {
      const named = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      await may(c, named.incident);
      await settle(deps, named.incident, named.notice, given, byOf(c, reason, ''));
      deps.poke();
      return c.json(await shownNotice(c, named), 200);
    })
    .openapi(bounced, async (c) => {
      const named = c.req.valid('param');
      const { reason, text } = c.req.valid('json');
      await may(c, named.incident);
      await enterBounce(deps, named.incident, named.notice, text, byOf(c, reason, 'Entered a bounce'));
      deps.poke();
      return c.json(await shownNotice(c, named), 201);
    })
    .openapi(exported, async (c) => {
      const { incident, notice } = c.req.valid('param');
      const { format, reason } = c.req.valid('json');
      await may(c, incident);
      const by = byOf(c, reason, 'Exported a notice');
      const made = await fileOf(deps, incident, notice, format);
      const sha256 = createHash('sha256').update(made.bytes).digest('hex');
      await platform.db.transaction().execute(async (tx) => {
        const row = await lockNotice(tx, incident, notice);
        expectState(row, ['approved', 'sending', 'sent', 'exported'], 'exported');
        await book.tell(
          tx,
          incident,
          { kind: 'notice', about: row.template, text: `Notice ${row.number} was exported as ${format}` },
          by,
        );
        if (row.state === 'approved') {
          await rowsOf(tx)
            .updateTable('notice')
            .set({ state: 'exported', sent_at: new Date(platform.clock.now()) })
            .where('id', '=', notice)
            .execute();
        }
        await recordChange(tx, platform, {
          ...by,
          act: 'notice.export',
          subject: { kind: 'notice', id: notice },
          detail: {
            incident,
            number: row.number,
            version: row.version,
            format,
            sha256,
            text: row.approved_hash,
          },
        });
      });
      platform.events.publish('incidents');
      return c.json({ name: made.name, type: made.type, base64: made.bytes.toString('base64'), sha256 }, 200);
    })
    .openapi(enter, async (c) => {
      const { incident, notice } = c.req.valid('param');
      const { reason, recipients } = c.req.valid('json');
      await may(c, incident);
      return c.json(
        await enterRecipients(deps, incident, notice, recipients, byOf(c, reason, 'Entered recipients')),
        200,
      );
    })
    .openapi(collect, async (c) => {
      const { incident, notice } = c.req.valid('param');
      const { reason, ...whom } = c.req.valid('json');
      await may(c, incident);
      return c.json(
        await collectRecipients(deps, incident, notice, whom, byOf(c, reason, 'Collected recipients')),
        200,
      );
    })
    .openapi(shown, async (c) => {
      const { incident, notice } = c.req.valid('param');
      const { reason, ...query } = c.req.valid('json');
      await may(c, incident);
      const found = await listRecipients(deps, incident, notice, query);
      await platform.db.transaction().execute((tx) =>
        recordChange(tx, platform, {
          ...byOf(c, reason, 'Looked at recipients'),
          act: 'notice.show_recipients',
          subject: { kind: 'notice', id: notice },
          detail: { incident, shown: found.items.length },
        }),
      );
      c.set('shownOnce', true);
      return c.json(found, 200, { 'cache-control': 'no-store' });
    })
    .openapi(drill, async (c) => {
      const { incident } = c.req.valid('param');
      await may(c, incident);
      return c.json({ recipients: await drillRecipients(deps, null, incident) }, 200);
    })
    .openapi(putDrill, async (c) => {
      const { incident } = c.req.valid('param');
      const { reason, recipients } = c.req.valid('json');
      await may(c, incident);
      await setDrillRecipients(
        deps,
        incident,
        recipients,
        byOf(c, reason, 'Entered recipients of the exercise'),
      );
      return c.json({ recipients: await drillRecipients(deps, null, incident) }, 200);
    })
    .openapi(breaches, async (c) => c.json(await listBreaches(deps, c.req.valid('query'), mayKnow(c)), 200))
    .openapi(breachTable, (c) => {
      c.header('content-type', 'text/csv; charset=utf-8');
      c.header('content-disposition', 'attachment; filename="breach-register.csv"');
      return stream(c, async (out) => {
        for await (const line of breachCsv(deps, mayKnow(c))) await out.write(line);
      });
    })
    .openapi(getBreach, async (c) => {
      const { incident } = c.req.valid('param');
      await may(c, incident);
      return c.json(await readBreach(deps, incident), 200);
    })
    .openapi(putBreach, async (c) => {
      const { incident } = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      await may(c, incident);
      await keepBreach(deps, incident, given, byOf(c, reason, ''));
      return c.json(await readBreach(deps, incident), 200);
    })
    .openapi(file, async (c) => {
      const { incident } = c.req.valid('param');
      await may(c, incident);
      const made = await incidentFile(deps, incident);
      return c.body(new Uint8Array(made), 200, {
        'content-type': 'application/pdf',
        'content-disposition': `attachment; filename="incident-${(await book.head(incident)).number}.pdf"`,
        'cache-control': 'no-store',
      });
    });
}
