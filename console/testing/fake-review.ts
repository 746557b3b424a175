import type { Covered, ReviewRow } from '../api/types.ts';
import { pseudonym, type World } from './fake-world.ts';

const day = 86_400_000;

/** Made-up names that no rule knows. */
export function fakeReview(random: () => number, now: number): ReviewRow[] {
  const names = [
    'plan_tier',
    'cart_size',
    'Checkout started',
    'beta_cohort',
    'theme',
    'ada_example_workspace',
  ];
  return names.map((name, index): ReviewRow => {
    const subjects = [5, 5, 5, 5, 4, 1][index] ?? 1;
    return {
      id: pseudonym(random),
      connection: { id: 'mixpanel_eu', name: 'Mixpanel EU' },
      vendor: 'mixpanel',
      apps: [{ id: `app_${(index % 2) + 1}`, name: ['web-shop', 'support-desk'][index % 2] ?? '' }],
      kind: name.includes(' ') ? 'event_name' : 'property',
      hash: pseudonym(random),
      shape: index === 1 ? 'integer' : 'string',
      shapes: index === 1 ? ['integer'] : index === 0 ? ['string', 'integer'] : ['string'],
      subjects,
      count: [1484, 672, 287, 119, 28, 7][index] ?? 1,
      firstSeenAt: new Date(now - (20 - index) * day).toISOString(),
      lastSeenAt: new Date(now - index * 400_000).toISOString(),
      name: subjects >= 5 ? name : null,
      suggestion: null,
    };
  });
}

export function covered(world: World, body: Record<string, unknown>): Covered[] {
  const rows = world.review.filter((row) => (body.ids as string[]).includes(row.id));
  const names = rows.map(({ name, kind }) => ({
    name: name ?? '',
    kind,
    paths: kind === 'property' ? [`properties.${name}`, `$set.${name}`] : [],
  }));
  return world.connections
    .filter((one) => rows.some((row) => row.connection.id === one.id))
    .map(({ id, name, vendor }) => ({ connection: { id, name }, vendor, names }));
}
