import type { PolicyDecision } from '@drawbridge/cedar';
import type { Asked } from './asked.ts';
import type { DecisionCache } from './cache.ts';
import type { Slice } from './slice.ts';

/**
 * Decides by a slice, and keeps what each group of its policies said: a crossing that differs in one respect from others
 * asks the engine about the policies that look at it, and about no other. The engine's time goes into what it is handed
 * (measured). A set forbids when any of its policies does and fails when any fails, so groups decide what the whole does.
 */
export class Parts {
  readonly #whole: Slice;
  readonly #groups: readonly { slice: Slice; names: ReadonlySet<string> }[];
  readonly #kept: DecisionCache<PolicyDecision>;

  constructor(whole: Slice, kept: DecisionCache<PolicyDecision>) {
    this.#whole = whole;
    this.#kept = kept;
    this.#groups = whole.groups().map((slice) => ({
      slice,
      names: new Set(slice.set.policies.map(({ name }) => name)),
    }));
  }

  /** Never throws. */
  decide(asked: Asked): PolicyDecision {
    if (this.#groups.length < 2) return this.#whole.ask(asked);
    const keys = this.#groups.map(({ slice }) => slice.keyOf(asked));
    const known = keys.map((key) => (key === null ? undefined : this.#kept.get(key)));
    const missing = known.filter((each) => each === undefined).length;
    // Each question has its price, however little is asked: several are one about all.
    if (missing > 1) return this.#askWhole(asked, keys);
    const parts = known.map((each, at) => each ?? this.#askGroup(asked, at, keys[at] ?? null));
    return joined(parts);
  }

  #askGroup(asked: Asked, at: number, key: string | null): PolicyDecision {
    const decision = (this.#groups[at]?.slice ?? this.#whole).ask(asked);
    if (key !== null && decision.errors.length === 0) this.#kept.put(key, decision);
    return decision;
  }

  #askWhole(asked: Asked, keys: readonly (string | null)[]): PolicyDecision {
    const decision = this.#whole.ask(asked);
    // Where no policy is named, nothing was permitted at all: no group of them says so by itself.
    if (decision.errors.length > 0 || (!decision.allowed && decision.reasons.length === 0)) return decision;
    for (const [at, { names }] of this.#groups.entries()) {
      const key = keys[at] ?? null;
      if (key === null) continue;
      const reasons = decision.allowed ? [] : decision.reasons.filter((name) => names.has(name));
      this.#kept.put(key, { allowed: reasons.length === 0, reasons, errors: [] });
    }
    return decision;
  }
}

/** Of a decision that allows, nobody asks for reasons. */
function joined(parts: readonly PolicyDecision[]): PolicyDecision {
  const against = parts.filter(({ allowed }) => !allowed);
  if (against.length === 0) return { allowed: true, reasons: [], errors: [] };
  return {
    allowed: false,
    reasons: against.flatMap(({ reasons }) => reasons).sort(),
    errors: against.flatMap(({ errors }) => errors),
  };
}
