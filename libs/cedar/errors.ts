import type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs';
import { positionsIn } from './position.ts';

/** Where something stands in a text: lines and columns from 1 on, columns in UTF-16 code units. */
export interface Position {
  line: number;
  column: number;
}

/** Something wrong with a policy, in words that its author can act on. It may quote the policy. */
export interface PolicyProblem {
  /** Name of the policy; null: it is about the schema. */
  policy: string | null;
  /** `syntax`: it can't be read; `type`: it can be read, and asks for what the schema does not have. */
  kind: 'syntax' | 'type';
  message: string;
  /** Such as "did you mean `team`?"; null: none. */
  help: string | null;
  from: Position;
  to: Position;
}

export type PolicyErrorCode = 'schema_invalid' | 'policies_invalid' | 'name_twice';

/** Why a set of policies is not used. */
export class PolicyError extends Error {
  readonly code: PolicyErrorCode;
  readonly problems: readonly PolicyProblem[];
  constructor(code: PolicyErrorCode, message: string, problems: readonly PolicyProblem[] = []) {
    super(message);
    this.name = 'PolicyError';
    this.code = code;
    this.problems = problems;
  }
}

const ABOUT_POLICY = /^(?:failed to parse policy from string: |cannot parse input policies: )/;
const FOR_POLICY = /^for policy `[^`]*`, /;

/** What the engine says, with its byte offsets in `text` as positions. */
export function problemOf(
  error: DetailedError,
  policy: string | null,
  kind: PolicyProblem['kind'],
  text: string,
): PolicyProblem {
  const [place] = error.sourceLocations ?? [];
  const [from, to] = positionsIn(text, place?.start ?? 0, place?.end ?? 0);
  return {
    policy,
    kind,
    message: error.message.replace(ABOUT_POLICY, '').replace(FOR_POLICY, ''),
    help: (error.help ?? place?.label)?.replace(FOR_POLICY, '') ?? null,
    from,
    to,
  };
}

/** One line: where, what, what to do. */
export function problemText({ policy, message, help, from }: PolicyProblem): string {
  const where = policy === null ? 'schema' : `policy "${policy}"`;
  return `${where}, line ${from.line}, column ${from.column}: ${message}${help === null ? '' : ` (${help})`}`;
}
