import type { AppFacts, Grant, VendorFacts } from '@drawbridge/protocol';

/**
 * The policies that the starter sets are made of, as data: written as Cedar by `textOf`, and evaluated a second time by
 * `refuses`, in a few lines that share nothing with the engine. Both are held against each other.
 */
export type Rule =
  | { rule: 'approved vendors' }
  | { rule: 'agreement'; family: string }
  | { rule: 'in force'; kind: string }
  | { rule: 'in date' }
  | { rule: 'standing'; status: string; tier: string }
  | { rule: 'place'; tag: string; jurisdiction: string }
  | { rule: 'models'; team: string; models: string[]; start: string | null }
  | { rule: 'hours'; from: number; to: number; weekends: boolean };

export interface Shape {
  name: string;
  /** Whom it is about; null: everyone. */
  app: string | null;
  /** A connection, or all of a vendor; null: everything. */
  of: { connection: string } | { vendor: string } | null;
  /** Whether exceptions from it may be granted. */
  mayExcept: boolean;
  rule: Rule;
}

/** A crossing as the second evaluator sees it. */
export interface Seen {
  app: AppFacts;
  vendor: VendorFacts;
  connection: { id: string; jurisdiction: string };
  model: string | null;
  isPersons: boolean;
  fields: readonly (readonly [string, string, number])[];
  at: Date;
  grants: readonly Grant[];
}

const CROSS = 'action == Action::"cross"';

export function textOf({ name, app, of, mayExcept, rule }: Shape): string {
  const principal = app === null ? 'principal' : `principal == App::${JSON.stringify(app)}`;
  const resource =
    of === null
      ? 'resource'
      : 'connection' in of
        ? `resource == Connection::${JSON.stringify(of.connection)}`
        : `resource in Vendor::${JSON.stringify(of.vendor)}`;
  const except = mayExcept ? ` || context.grants.contains(${JSON.stringify(name)})` : '';
  const [when, unless] = conditionsOf(rule);
  return `@title(${JSON.stringify(`Rule ${name}`)})\nforbid (${principal}, ${CROSS}, ${resource})\nwhen { ${when} }\nunless { ${unless}${except} };`;
}

function conditionsOf(rule: Rule): [when: string, unless: string] {
  switch (rule.rule) {
    case 'approved vendors':
      return ['true', 'resource.vendor.approved'];
    case 'agreement':
      return [
        `context.families.contains(${JSON.stringify(rule.family)})`,
        'resource.vendor.agreement == "signed"',
      ];
    case 'in force':
      return ['true', `resource.vendor.agreements.contains(${JSON.stringify(rule.kind)})`];
    case 'in date':
      return ['true', 'resource.vendor.reviewInDate'];
    case 'standing':
      return [
        `resource.vendor.status != ${JSON.stringify(rule.status)}`,
        `resource.vendor.tier == ${JSON.stringify(rule.tier)}`,
      ];
    case 'place':
      return [
        `principal.tags.contains(${JSON.stringify(rule.tag)})`,
        `resource.jurisdiction == ${JSON.stringify(rule.jurisdiction)}`,
      ];
    case 'models': {
      const listed = `${JSON.stringify(rule.models)}.contains(context.model)`;
      const start = rule.start === null ? '' : ` || context.model like ${JSON.stringify(`${rule.start}*`)}`;
      return [`context has model && !(${listed}${start})`, `principal.team == ${JSON.stringify(rule.team)}`];
    }
    case 'hours': {
      const days = rule.weekends ? '' : ' && !["saturday", "sunday"].contains(context.weekday)';
      return [
        'context.key.kind == "person"',
        `(context.hour >= ${rule.from} && context.hour < ${rule.to}${days})`,
      ];
    }
  }
}

/** Names of the shapes that refuse, sorted. */
export function refusedBy(shapes: readonly Shape[], seen: Seen): string[] {
  const names = shapes.filter(
    (shape) => applies(shape, seen) && !isExcepted(shape, seen) && refuses(shape.rule, seen),
  );
  return names.map(({ name }) => name).sort();
}

function applies({ app, of }: Shape, seen: Seen): boolean {
  if (app !== null && app !== seen.app.id) return false;
  if (of === null) return true;
  return 'connection' in of ? of.connection === seen.connection.id : of.vendor === seen.vendor.id;
}

function isExcepted({ name, mayExcept }: Shape, { app, connection, grants, at }: Seen): boolean {
  if (!mayExcept) return false;
  return grants.some(
    (grant) =>
      grant.policy === name &&
      grant.app === app.id &&
      (grant.connection === null || grant.connection === connection.id) &&
      grant.until > at.getTime(),
  );
}

function refuses(rule: Rule, { app, vendor, connection, model, isPersons, fields, at }: Seen): boolean {
  switch (rule.rule) {
    case 'approved vendors':
      return !vendor.approved;
    case 'agreement':
      return (
        vendor.agreement !== 'signed' &&
        fields.some(
          ([name, treatment]) =>
            name.startsWith(`${rule.family}.`) && (treatment === 'pass' || treatment === 'generalise'),
        )
      );
    case 'in force':
      return !(vendor.register?.agreements ?? []).some(
        ({ kind, from, until }) =>
          kind === rule.kind && at.getTime() >= from && (until === null || at.getTime() < until),
      );
    case 'in date': {
      const review = vendor.register?.review;
      if (review === undefined || review === null) return true;
      return at.getTime() < review.from || (review.until !== null && at.getTime() >= review.until);
    }
    case 'standing':
      return (
        (vendor.register?.status ?? 'not_entered') !== rule.status &&
        (vendor.register?.tier ?? '') !== rule.tier
      );
    case 'place':
      return app.tags.includes(rule.tag) && connection.jurisdiction !== rule.jurisdiction;
    case 'models':
      return (
        model !== null &&
        !rule.models.includes(model) &&
        !(rule.start !== null && model.startsWith(rule.start)) &&
        app.team !== rule.team
      );
    case 'hours': {
      if (!isPersons && app.holder === 'workload') return false;
      const hour = at.getUTCHours();
      const isWeekend = at.getUTCDay() === 0 || at.getUTCDay() === 6;
      return hour < rule.from || hour >= rule.to || (!rule.weekends && isWeekend);
    }
  }
}
