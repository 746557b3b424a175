import { createRoute, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { createRouter, givenReason, type HttpEnv, json, needs, problemResponses } from '../platform/index.ts';
import { isComplete, questionsOf } from './applicability.ts';
import { type DocumentOf, type Kept, readDocument, writeDocument } from './documents.ts';
import {
  expectOrganisation,
  fittingRules,
  type Organisation,
  ownRulesDocument,
  profileDocument,
  reviewsDocument,
} from './organisation.ts';
import type { Reckoning, ReckoningDeps } from './reckoning.ts';
import {
  OwnRulesChangeSchema,
  type OwnRulesView,
  OwnRulesViewSchema,
  ProfileChangeSchema,
  type ProfileView,
  ProfileViewSchema,
  ReviewsChangeSchema,
  type ReviewsView,
  ReviewsViewSchema,
} from './schemas.ts';

const read = needs('obligation.read');
const write = needs('obligation.change');
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const profile = createRoute({
  method: 'get',
  path: '/organisation/profile',
  'x-needs': read,
  summary: 'Who we are, for deadlines: what is asked, what hangs on it, what another answer would change',
  responses: { 200: json(ProfileViewSchema, 'The profile'), ...problemResponses },
});
const setProfile = createRoute({
  method: 'put',
  path: '/organisation/profile',
  'x-needs': write,
  summary: 'Say who we are; earlier revisions stay kept',
  request: { body: body(ProfileChangeSchema) },
  responses: { 200: json(ProfileViewSchema, 'The profile'), ...problemResponses },
});
const reviews = createRoute({
  method: 'get',
  path: '/organisation/reviews',
  'x-needs': read,
  summary: 'Every rule, and who of our counsel reviewed it',
  responses: { 200: json(ReviewsViewSchema, 'The reviews'), ...problemResponses },
});
const setReviews = createRoute({
  method: 'put',
  path: '/organisation/reviews',
  'x-needs': write,
  summary: 'Say which rules our counsel reviewed, and when',
  request: { body: body(ReviewsChangeSchema) },
  responses: { 200: json(ReviewsViewSchema, 'The reviews'), ...problemResponses },
});
const ownRules = createRoute({
  method: 'get',
  path: '/organisation/own-rules',
  'x-needs': read,
  summary: 'Clocks of our contracts, insurers and customers',
  responses: { 200: json(OwnRulesViewSchema, 'The rules'), ...problemResponses },
});
const setOwnRules = createRoute({
  method: 'put',
  path: '/organisation/own-rules',
  'x-needs': write,
  summary: 'Enter the clocks of our contracts, insurers and customers',
  request: { body: body(OwnRulesChangeSchema) },
  responses: { 200: json(OwnRulesViewSchema, 'The rules'), ...problemResponses },
});

export interface OrganisationRouteDeps extends ReckoningDeps {
  reckoning: Reckoning;
  changed(): void;
}

/** When it was set last, and by whom. */
export const revisedOf = ({ revision, changedAt, changedBy }: Kept<unknown>) => ({
  revision,
  changedAt: changedAt?.toISOString() ?? null,
  changedBy,
});

export function organisationRoutes(deps: OrganisationRouteDeps) {
  const { platform, reckoning } = deps;

  /** Writes a document once the whole that it is part of fits the law. */
  async function set<T>(
    c: Context<HttpEnv>,
    of: DocumentOf<T>,
    given: { value: T; after: number; detail: Record<string, unknown>; reason: string },
    whole: (organisation: Organisation) => Organisation,
  ): Promise<void> {
    const [organisation, { clocks }] = await Promise.all([reckoning.organisation(), reckoning.law()]);
    expectOrganisation(whole(organisation), clocks);
    const by = { actor: c.get('actor'), reason: givenReason(c, given.reason) };
    await platform.db.transaction().execute((tx) => writeDocument(tx, deps, of, given, by));
    platform.events.publish('incidents');
    deps.changed();
  }

  async function profileView(): Promise<ProfileView> {
    const [kept, organisation, { law, clocks }] = await Promise.all([
      readDocument(platform.db, deps, profileDocument),
      reckoning.organisation(),
      reckoning.law(),
    ]);
    const questions = questionsOf(organisation, law, clocks);
    return {
      ...revisedOf(kept),
      profile: kept.value,
      complete: isComplete(questions, organisation),
      questions,
      regimes: [...new Set(law.rules.map(({ regime }) => regime))],
      calendars: law.calendars.map(({ id, name, zone }) => ({ id, name, zone })),
    };
  }

  async function reviewsView(): Promise<ReviewsView> {
    const [kept, { law }, own] = await Promise.all([
      readDocument(platform.db, deps, reviewsDocument),
      reckoning.law(),
      readDocument(platform.db, deps, ownRulesDocument),
    ]);
    const rules = [...law.rules, ...fittingRules(own.value, law).rules];
    return {
      ...revisedOf(kept),
      reviews: kept.value,
      rules: rules.map(({ id, regime, article, title, status, source, as_of, reviewed_by, reviewed_on }) => ({
        rule: id,
        regime,
        article,
        title,
        status,
        source: {
          citation: source.citation,
          grade: source.grade,
          as_of: source.as_of,
          ...(source.url === undefined ? {} : { url: source.url }),
        },
        asOf: as_of,
        review: kept.value[id] ?? (reviewed_by === '' ? null : { by: reviewed_by, on: reviewed_on }),
      })),
    };
  }

  async function ownRulesView(): Promise<OwnRulesView> {
    const [kept, { law }] = await Promise.all([
      readDocument(platform.db, deps, ownRulesDocument),
      reckoning.law(),
    ]);
    return {
      ...revisedOf(kept),
      rules: kept.value,
      unfit: fittingRules(kept.value, law).unfit,
      times: law.times.map(({ id, text }) => ({ id, text })),
    };
  }

  return createRouter()
    .openapi(profile, async (c) => c.json(await profileView(), 200))
    .openapi(setProfile, async (c) => {
      const { profile: value, revision: after, reason } = c.req.valid('json');
      // The answers decide which law is reckoned with: who reads the log of changes sees them.
      const detail = { answers: value.answers, countries: value.countries, country: value.country ?? null };
      await set(c, profileDocument, { value, after, detail, reason }, (all) => ({ ...all, profile: value }));
      return c.json(await profileView(), 200);
    })
    .openapi(reviews, async (c) => c.json(await reviewsView(), 200))
    .openapi(setReviews, async (c) => {
      const { reviews: value, revision: after, reason } = c.req.valid('json');
      const detail = { rules: Object.keys(value) };
      // Reviews of rules that are gone are kept, and reckoned with no more: only those that are there are checked.
      const { law } = await reckoning.law();
      await set(c, reviewsDocument, { value, after, detail, reason }, (all) => {
        const own = new Set([...law.rules, ...all.ownRules].map(({ id }) => id));
        const before = new Set(Object.keys(all.reviews));
        const checked = Object.entries(value).filter(([rule]) => own.has(rule) || !before.has(rule));
        return { ...all, reviews: Object.fromEntries(checked) };
      });
      return c.json(await reviewsView(), 200);
    })
    .openapi(ownRules, async (c) => c.json(await ownRulesView(), 200))
    .openapi(setOwnRules, async (c) => {
      const { rules: value, revision: after, reason } = c.req.valid('json');
      const detail = { rules: value.map(({ id }) => id) };
      await set(c, ownRulesDocument, { value, after, detail, reason }, (all) => ({
        ...all,
        reviews: {},
        ownRules: value,
      }));
      return c.json(await ownRulesView(), 200);
    });
}
