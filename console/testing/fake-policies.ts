import type {
  AccessRequest,
  AppFacts,
  Example,
  Grant,
  PolicyChecked,
  PolicyDetail,
  Starter,
  VendorFacts,
} from '../api/policy-types.ts';
import type { Answer, Asked } from './fake-routes.ts';
import type { World } from './fake-world.ts';

/** Policies, exceptions and facts of the made-up control plane. */

const vendorsText = `@title("Only approved vendors")
forbid (
  principal,
  action == Action::"cross",
  resource
)
unless
{
  resource.vendor.approved ||
  context.grants.contains("only-approved-vendors")
};
`;
const vendorExamples: Example[] = [
  { must: 'allowed', says: 'A vendor that was approved', crossing: { vendor: { approved: true } } },
  { must: 'denied', says: 'A vendor that nobody approved', crossing: { vendor: { approved: false } } },
];
const starters: readonly Omit<Starter, 'taken'>[] = [
  {
    name: 'only-approved-vendors',
    title: 'Only approved vendors',
    text: vendorsText,
    examples: vendorExamples,
  },
  {
    name: 'eu-only-for-tagged-apps',
    title: 'Apps tagged eu-only stay in the EU',
    text: vendorsText.replace('Only approved vendors', 'Apps tagged eu-only stay in the EU'),
    examples: [],
  },
];

export interface FakePolicies {
  policies: PolicyDetail[];
  requests: AccessRequest[];
  grants: Grant[];
  apps: AppFacts[];
  vendors: VendorFacts[];
  /** Null: it is not about policies. */
  answer(asked: Asked): Answer | null;
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const missing: Answer = {
  status: 404,
  body: { title: 'Not found', status: 404, code: 'not_found', detail: 'There is no such policy.' },
};

/** A word that is not in the schema is what is wrong; an example that says "wrong" does not hold. */
function checked(name: string, text: string, examples: readonly Example[]): PolicyChecked {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.includes('aproved'));
  if (at >= 0) {
    const message = 'attribute `aproved` on entity type `Vendor` not found (did you mean `approved`?)';
    const column = (lines[at] ?? '').indexOf('aproved') + 1;
    return { problems: [{ message, line: at + 1, column }], title: null, formatted: null, results: [] };
  }
  return {
    problems: [],
    title: /@title\("([^"]*)"\)/.exec(text)?.[1] ?? '',
    formatted: text,
    results: examples.map(({ must, says }, example) => {
      const holds = !says.includes('wrong');
      return { policy: name, example, says, must, holds, by: must === 'denied' && holds ? [name] : [] };
    }),
  };
}

export function makeFakePolicies(world: World, empty: boolean): FakePolicies {
  const now = () => new Date().toISOString();
  const who = 'Ada Example';

  function versionOf(policy: PolicyDetail, version: number, reason: string): void {
    policy.version = version;
    policy.reason = reason;
    policy.createdAt = now();
    policy.versions.unshift({
      version,
      title: policy.title,
      author: who,
      reason,
      createdAt: policy.createdAt,
      active: false,
    });
  }
  function activate(policy: PolicyDetail, version: number | null): void {
    policy.active = version;
    for (const one of policy.versions) one.active = one.version === version;
  }
  function made(name: string, text: string, examples: Example[], reason: string): PolicyDetail {
    const policy: PolicyDetail = {
      name,
      title: checked(name, text, []).title ?? name,
      version: 0,
      active: null,
      decides: { crossings: true, acts: false },
      exceptions: text.includes('context.grants'),
      author: who,
      reason,
      createdAt: now(),
      text,
      examples,
      versions: [],
    };
    versionOf(policy, 1, reason);
    return policy;
  }

  const here: FakePolicies = {
    policies: [],
    requests: [],
    grants: [],
    apps: world.apps.map(({ id, name }) => ({
      app: { id, name },
      tags: [],
      team: '',
      holder: 'workload',
      changedAt: null,
      changedBy: null,
    })),
    vendors: [],
    answer: (asked) => answer(asked),
  };
  if (!empty) {
    const policy = made('only-approved-vendors', vendorsText, vendorExamples, 'The board asked for it');
    activate(policy, 1);
    here.policies.push(policy);
  }

  function ofPolicy(asked: Asked, name: string, rest: string): Answer {
    const policy = here.policies.find((one) => one.name === name);
    if (policy === undefined) return missing;
    const body = (asked.body ?? {}) as Record<string, unknown>;
    const reason = String(body.reason);
    const version = /^versions\/(\d+)$/.exec(rest)?.[1];
    if (version !== undefined) {
      const found = policy.versions.find((one) => one.version === Number(version));
      if (found === undefined) return missing;
      const lines = policy.text.split('\n').map((text, line) => ({ sign: line === 8 ? '+' : ' ', text }));
      const before = found.version === 1 ? null : found.version - 1;
      return ok({ ...found, text: policy.text, examples: policy.examples, before, lines });
    }
    switch (`${asked.method} ${rest}`) {
      case 'GET ':
        return ok(policy);
      case 'PUT ':
        policy.text = String(body.text);
        policy.examples = body.examples as Example[];
        policy.title = checked(name, policy.text, []).title ?? name;
        versionOf(policy, policy.version + 1, reason);
        if (body.activate === true) activate(policy, policy.version);
        break;
      case 'POST activate':
        activate(policy, Number(body.version ?? policy.version));
        break;
      case 'POST deactivate':
        activate(policy, null);
        break;
      case 'DELETE ':
        here.policies = here.policies.filter((one) => one !== policy);
        asked.tell('policies');
        return { status: 204 };
      default:
        return missing;
    }
    asked.tell('policies');
    return ok(policy);
  }

  function dryRun(limit: number): Answer {
    const rows = world.crossings.slice(0, limit);
    const refused = rows.filter((row) => row.vendor === 'mixpanel');
    return ok({
      looked: rows.length,
      whole: true,
      from: rows.at(-1)?.at ?? null,
      to: rows[0]?.at ?? null,
      refused: refused.length,
      refusedAnyway: 0,
      allowed: rows.length - refused.length - 3,
      notKnown: 3,
      notKnownFor: ['the model'],
      items: refused.slice(0, 100).map(({ id, at, app, connection, endpoint }) => ({
        id,
        at,
        app,
        connection,
        endpoint,
      })),
    });
  }

  function ofRequests(asked: Asked, id: string | undefined, act: string | undefined): Answer {
    const body = (asked.body ?? {}) as Record<string, unknown>;
    if (asked.method === 'GET') {
      const of = asked.query.get('crossing');
      return ok({ items: here.requests.filter((one) => (of ?? one.crossing) === one.crossing) });
    }
    if (id === undefined) {
      const crossing = world.crossings.find((row) => row.id === body.crossing);
      if (crossing === undefined) return missing;
      here.requests.unshift(fakeRequest(crossing.id, crossing.app, crossing.connection, String(body.reason)));
      asked.tell('policies');
      return { status: 201, body: here.requests[0] };
    }
    const request = here.requests.find((one) => one.id === id);
    if (request === undefined) return missing;
    request.state = act === 'grant' ? 'granted' : 'refused';
    request.decidedBy = who;
    request.decidedAt = now();
    request.decisionReason = String(body.reason);
    if (act === 'grant') {
      request.until = String(body.until);
      here.grants.unshift({
        id: `grant_${here.grants.length + 1}`,
        policy: { name: 'only-approved-vendors', title: 'Only approved vendors' },
        app: request.app,
        connection: request.connection,
        until: request.until,
        inForce: true,
        grantedBy: who,
        grantedAt: now(),
        reason: String(body.reason),
        endedAt: null,
        endedBy: null,
      });
    }
    asked.tell('policies');
    return ok(request);
  }

  function ofFacts(asked: Asked): Answer | null {
    const body = (asked.body ?? {}) as Record<string, unknown>;
    const vendor = /^\/vendors\/([^/]+)\/facts$/.exec(asked.path)?.[1];
    if (vendor !== undefined) {
      const { approved, agreement } = body as Pick<VendorFacts, 'approved' | 'agreement'>;
      const known = { vendor, approved, agreement, changedAt: now(), changedBy: who };
      here.vendors = [...here.vendors.filter((one) => one.vendor !== vendor), known];
      return ok(known);
    }
    const app = /^\/apps\/([^/]+)\/facts$/.exec(asked.path)?.[1];
    const facts = here.apps.find((one) => one.app.id === app);
    if (facts === undefined) return null;
    const { tags, team, holder } = body as Pick<AppFacts, 'tags' | 'team' | 'holder'>;
    Object.assign(facts, { tags, team, holder, changedAt: now(), changedBy: who });
    return ok(facts);
  }

  function answer(asked: Asked): Answer | null {
    const { method, path } = asked;
    const body = (asked.body ?? {}) as Record<string, unknown>;
    const request = /^\/access-requests(?:\/([^/]+)\/(grant|refuse))?$/.exec(path);
    if (request !== null) return ofRequests(asked, request[1], request[2]);
    const ended = /^\/grants\/([^/]+)\/end$/.exec(path)?.[1];
    if (ended !== undefined) {
      const grant = here.grants.find((one) => one.id === ended);
      if (grant === undefined) return missing;
      Object.assign(grant, { inForce: false, endedAt: now(), endedBy: who });
      asked.tell('policies');
      return ok(grant);
    }
    switch (`${method} ${path}`) {
      case 'GET /policies':
        return ok({
          items: here.policies.map(({ text: _text, versions: _versions, examples, ...row }) => ({
            ...row,
            examples: examples.length,
          })),
          hash: here.policies.some(({ active }) => active !== null) ? 'x'.repeat(43) : null,
        });
      case 'POST /policies': {
        const policy = made(
          String(body.name),
          String(body.text),
          body.examples as Example[],
          String(body.reason),
        );
        if (body.activate === true) activate(policy, 1);
        here.policies.push(policy);
        asked.tell('policies');
        return { status: 201, body: policy };
      }
      case 'GET /policies/starters':
        return ok({
          items: starters.map((starter) => ({
            ...starter,
            taken: here.policies.some(({ name }) => name === starter.name),
          })),
        });
      case 'POST /policies/check':
        return ok(checked(String(body.name), String(body.text), body.examples as Example[]));
      case 'POST /policies/dry-run':
        return dryRun(3000);
      case 'GET /grants':
        return ok({ items: here.grants });
      case 'GET /facts':
        return ok({ apps: here.apps, vendors: here.vendors });
    }
    const policy = /^\/policies\/([^/]+)\/?(.*)$/.exec(path);
    if (policy?.[1] !== undefined) return ofPolicy(asked, decodeURIComponent(policy[1]), policy[2] ?? '');
    return method === 'PUT' ? ofFacts(asked) : null;
  }
  return here;
}

/** A request for access that nobody decided yet. */
export function fakeRequest(
  crossing: string,
  app: AccessRequest['app'],
  connection: AccessRequest['connection'],
  reason: string,
): AccessRequest {
  return {
    id: `request_${crossing.slice(-6)}`,
    crossing,
    app,
    connection,
    policies: [{ name: 'only-approved-vendors', title: 'Only approved vendors', exceptions: true }],
    askedBy: 'Bob Example',
    askedAt: new Date().toISOString(),
    reason,
    state: 'open',
    decidedBy: null,
    decidedAt: null,
    decisionReason: null,
    until: null,
  };
}
