import { createRequire } from 'node:module';
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs';
import { PolicyError } from './errors.ts';

type Calls = Pick<
  typeof Cedar,
  | 'validate'
  | 'formatPolicies'
  | 'policyToJson'
  | 'policyToText'
  | 'preparsePolicySet'
  | 'statefulIsAuthorized'
>;

const NAME = '@cedar-policy/cedar-wasm/nodejs';
const require = createRequire(import.meta.url);
/** What it throws that ran out of its stack: WebAssembly's error, or JavaScript's. */
const BROKEN: ReadonlySet<string> = new Set(['RuntimeError', 'RangeError']);
let loaded: Calls | null = null;
let loads = 0;

/**
 * The engine: four megabytes of WebAssembly, loaded when it is first asked for, so that who has no policies pays
 * nothing for it. Its calls throw PolicyError `policies_invalid` where it can't do them.
 */
export function engine(): Calls {
  loaded ??= guarded(load());
  return loaded;
}

/** How many engines there were. What an engine was told to keep, the next one does not know. */
export function engineLoads(): number {
  return loads;
}

function load(): typeof Cedar {
  loads += 1;
  return require(NAME) as typeof Cedar;
}

/**
 * An engine that ran out of its stack is no good for anything any more, not even for a policy that it decided a moment
 * before: it is let go, and the next call loads another.
 */
function guarded(cedar: typeof Cedar): Calls {
  const call = <Ask extends unknown[], Answer>(work: (...ask: Ask) => Answer) => {
    return (...ask: Ask): Answer => {
      try {
        return work(...ask);
      } catch (error) {
        if (error instanceof Error && BROKEN.has(error.name)) {
          delete require.cache[require.resolve(NAME)];
          loaded = null;
        }
        throw new PolicyError(
          'policies_invalid',
          `The policy engine can't do this (${error instanceof Error ? error.message : 'unknown'}): write the policy shorter, with less in each other.`,
        );
      }
    };
  };
  return {
    validate: call(cedar.validate),
    formatPolicies: call(cedar.formatPolicies),
    policyToJson: call(cedar.policyToJson),
    policyToText: call(cedar.policyToText),
    preparsePolicySet: call(cedar.preparsePolicySet),
    statefulIsAuthorized: call(cedar.statefulIsAuthorized),
  };
}
