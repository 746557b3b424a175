import type { Minimised } from '../crossing.ts';

/** What policies may decide on: who asks for what, and what would leave after minimising. No values. */
export interface AuthoriseInput {
  app: string;
  key: string;
  vendor: string;
  service: string;
  connection: string;
  endpoint: string;
  class: string;
  fields: Minimised['fields'];
}

/** `policy`: hash of the policy set that decided; null: there are no policies. `reason` may be shown to the caller. */
export type Decision =
  | { effect: 'allow'; policy: string | null }
  | { effect: 'deny'; policy: string; reason: string };

/** Decides, from its input alone. A policy engine takes this place; an engine that fails must answer `deny`. */
export type Authorise = (input: AuthoriseInput) => Decision;

const allowed: Decision = { effect: 'allow', policy: null };

/** The decision while a deployment has no policies: contract and key have already said what may cross. */
export const allowWithoutPolicies: Authorise = () => allowed;
