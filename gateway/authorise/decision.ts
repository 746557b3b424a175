import type { Policy, PolicyDecision } from '@drawbridge/cedar';

/** What the policies in force said of a crossing. */
export interface Decision {
  /** Hash of the set that decided. */
  policy: string;
  allowed: boolean;
  /** Names of the policies that refused, or that failed; none where it is allowed. */
  names: readonly string[];
  /** Policies could not be evaluated: it is refused for that. */
  failed: boolean;
  /** Why it is refused, for who asked: which rule, and what to do. */
  message: string;
}

/** Names that a record has room for, and that a message is still read with. */
const MOST_NAMES = 8;
const MOST_SHOWN = 3;
const LONGEST_TITLE = 120;

export function allowedBy(policy: string): Decision {
  return { policy, allowed: true, names: [], failed: false, message: '' };
}

/** The engine's decision as it is recorded and told. */
export function decisionOf(policy: string, policies: readonly Policy[], decided: PolicyDecision): Decision {
  if (decided.allowed) return allowedBy(policy);
  const { errors, reasons } = decided;
  const failed = errors.length > 0;
  const names = failed ? [...new Set(errors.flatMap((error) => error.policy ?? []))] : reasons;
  const shown = shownNames(policies, names);
  const message = failed
    ? `The policies could not be evaluated for this request, so it is refused${shown === '' ? '' : `: ${shown}`}. Tell the administrators of Drawbridge; the gateway's log says more.`
    : `${names.length === 1 ? 'The policy' : 'The policies'} ${shown} ${names.length === 1 ? 'refuses' : 'refuse'} this request. To ask for an exception, open the crossing in Drawbridge.`;
  return { policy, allowed: false, names: names.slice(0, MOST_NAMES), failed, message };
}

/** A request whose model can't be read, where policies decide by model. */
export function deniedForModel(policy: string, policies: readonly Policy[]): Decision {
  const names = policies.filter(({ reads }) => readsModel(reads.context)).map(({ name }) => name);
  return {
    policy,
    allowed: false,
    names: names.slice(0, MOST_NAMES),
    failed: false,
    message: `Policies decide by model here (${shownNames(policies, names)}), and the request names no model, or several. Name one in the request itself.`,
  };
}

/** Whether what policies read of the context has the model in it. */
export function readsModel(context: ReadonlySet<string>): boolean {
  return context.has('model') || context.has('');
}

function shownNames(policies: readonly Policy[], names: readonly string[]): string {
  const shown = names.slice(0, MOST_SHOWN).map((name) => {
    const title = policies.find((policy) => policy.name === name)?.annotations.title;
    return title === undefined ? name : `"${title.slice(0, LONGEST_TITLE)}" (${name})`;
  });
  const more = names.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
