import type { Difference, NameOf } from './differences.ts';
import type { Part } from './parts.ts';

type PolicyPart = Extract<Part, { kind: 'policy' | 'app_facts' | 'vendor_facts' | 'grant' }>;

/** What is otherwise of policies, of the facts that they refer to, and of exceptions from them. `part`: either of both. */
export function ofPolicies(
  part: PolicyPart,
  before: Part | undefined,
  after: Part | undefined,
  name: NameOf,
): Difference[] {
  switch (part.kind) {
    case 'policy':
      return [ofPolicy(part, before, after)];
    case 'app_facts':
      return [ofApp(part, after, name)];
    case 'vendor_facts':
      return [ofVendor(part, after)];
    case 'grant':
      return [ofGrant(part, after, name)];
  }
}

function ofPolicy(
  { value }: Extract<Part, { kind: 'policy' }>,
  before: Part | undefined,
  after: Part | undefined,
): Difference {
  const subject = { kind: 'policy' as const, id: value.name };
  const was = before?.kind === 'policy' ? before.value.version : null;
  if (after?.kind !== 'policy') {
    return { code: 'policy.off', subject, text: `The policy “${value.title}” is in force no longer.` };
  }
  const { title, version } = after.value;
  const text = `The policy “${title}” is in force, version ${version}${was === null ? '' : `; it was ${was}`}.`;
  return { code: was === null ? 'policy.on' : 'policy.version', subject, text };
}

function ofApp(
  { value }: Extract<Part, { kind: 'app_facts' }>,
  after: Part | undefined,
  name: NameOf,
): Difference {
  const called = name.app(value.id);
  const subject = { kind: 'app' as const, id: value.id };
  if (after?.kind !== 'app_facts') {
    return {
      code: 'app.facts',
      subject,
      text: `${called}: policies know no tags and no team of it any more.`,
    };
  }
  const { tags, team, holder } = after.value;
  const said = [
    tags.length === 0 ? 'no tags' : `tags ${tags.join(', ')}`,
    team === '' ? 'no team' : `team ${team}`,
    holder === 'person' ? 'keys of one person' : 'keys of a workload',
  ];
  return { code: 'app.facts', subject, text: `${called}: ${said.join('; ')}.` };
}

function ofVendor({ value }: Extract<Part, { kind: 'vendor_facts' }>, after: Part | undefined): Difference {
  const { approved, agreement } =
    after?.kind === 'vendor_facts' ? after.value : { approved: false, agreement: 'none' };
  return {
    code: 'vendor.facts',
    subject: { kind: 'vendor', id: value.id },
    text: `${value.id} is ${approved ? 'approved' : 'not approved'}, ${agreement === 'signed' ? 'with' : 'without'} a signed agreement.`,
  };
}

function ofGrant(
  { value }: Extract<Part, { kind: 'grant' }>,
  after: Part | undefined,
  name: NameOf,
): Difference {
  const where = value.connection === null ? 'every connection' : name.connection(value.connection);
  const of = `${name.app(value.app)} on ${where} from the policy ${value.policy}`;
  const text =
    after === undefined
      ? `The exception of ${of} is over.`
      : `Until ${new Date(value.until).toISOString()} there is an exception of ${of}.`;
  return {
    code: after === undefined ? 'grant.over' : 'grant.new',
    subject: { kind: 'policy', id: value.policy },
    text,
  };
}
