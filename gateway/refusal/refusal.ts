import type { FieldClass, Stage } from '@drawbridge/protocol';

/**
 * Why a crossing did not go out. `code` is stable and goes into the leaf; `message` says what was wrong, where, and
 * what to do, and holds no value from the request. `later` means: the same request will pass again (503), so that
 * SDKs keep it; else it will not, and the answer carries the vendor's no-retry signal.
 */
export const refusalCodes = {
  unknown_connection: { status: 404, later: false },
  unknown_endpoint: { status: 404, later: false },
  /** No 5xx: clients would come again. */
  upgrade_not_supported: { status: 400, later: false },
  method_not_allowed: { status: 405, later: false },
  headers_too_large: { status: 431, later: false },
  body_too_large: { status: 413, later: false },
  body_timeout: { status: 408, later: false },
  bad_request: { status: 400, later: false },
  key_missing: { status: 401, later: false },
  key_unknown: { status: 401, later: false },
  key_mixed: { status: 400, later: false },
  key_expired: { status: 401, later: false },
  key_not_allowed: { status: 403, later: false },
  network_not_allowed: { status: 403, later: false },
  model_not_allowed: { status: 403, later: false },
  /** Stands in records only: whoever used it is answered as for any unknown key. */
  canary_used: { status: 401, later: false },
  origin_not_allowed: { status: 403, later: false },
  rate_limited: { status: 429, later: true },
  budget_exhausted: { status: 429, later: false },
  budget_unavailable: { status: 503, later: true },
  price_unknown: { status: 403, later: false },
  body_unreadable: { status: 400, later: false },
  body_too_deep: { status: 400, later: false },
  field_refused: { status: 403, later: false },
  /** Free text that would take longer to look through than is let. */
  scan_over_budget: { status: 413, later: false },
  scan_failed: { status: 500, later: false },
  /** A request that goes on from what the vendor keeps, where tokens of before can't be put back. */
  kept_at_vendor: { status: 403, later: false },
  /** The same where it could be done, for what this gateway knows nothing of. */
  history_unknown: { status: 403, later: false },
  history_unavailable: { status: 503, later: true },
  policy_denied: { status: 403, later: false },
  /** The host is not known to be where the connection has to be. */
  region_not_allowed: { status: 403, later: false },
  /** The egress proxy: it serves nobody, or not this app, host, port or address. */
  egress_off: { status: 503, later: true },
  egress_app: { status: 403, later: false },
  egress_host: { status: 400, later: false },
  egress_port: { status: 403, later: false },
  egress_private: { status: 403, later: false },
  egress_severed: { status: 503, later: true },
  egress_denied: { status: 403, later: false },
  egress_address: { status: 403, later: false },
  egress_not_listed: { status: 403, later: false },
  /** The TLS greeting names another host, or can't be read: it ends what is open, and is answered to nobody. */
  egress_name: { status: 403, later: false },
  egress_loop: { status: 508, later: false },
  egress_unresolved: { status: 502, later: true },
  connection_severed: { status: 503, later: true },
  /** A recovery drill treats the vendor as lost for this request. */
  vendor_lost: { status: 503, later: true },
  /** A route does not say what the model is called at its connections; all that a request could go to failed. */
  model_not_routed: { status: 400, later: false },
  route_exhausted: { status: 503, later: true },
  /** Events that nobody takes now: more are kept already than may be, the disk does not take them, or they are dropped. */
  hold_full: { status: 503, later: true },
  hold_unavailable: { status: 503, later: true },
  route_dropped: { status: 503, later: true },
  /** What its tier asks for does not hold. */
  connection_withheld: { status: 403, later: false },
  credential_missing: { status: 503, later: true },
  credential_unusable: { status: 503, later: true },
  signer_not_supported: { status: 501, later: false },
  snapshot_missing: { status: 503, later: true },
  journal_unavailable: { status: 503, later: true },
  overloaded: { status: 503, later: true },
  upstream_forbidden: { status: 502, later: false },
  upstream_unreachable: { status: 502, later: true },
  upstream_timeout: { status: 504, later: true },
  restore_failed: { status: 502, later: false },
  /** A contract ends answers in which a secret comes back. */
  secret_in_answer: { status: 502, later: false },
  internal: { status: 500, later: false },
} as const satisfies Record<string, { status: number; later: boolean }>;

export type RefusalCode = keyof typeof refusalCodes;

/** Its `cause`, where it has one, is an error of our own: the log says where it arose, and nobody what it said. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly stage: Stage;
  /** When the same request would pass, where that is known. */
  readonly retryAfterSeconds: number | null;
  /** The class of data for which the contract refuses the crossing, where that is the reason. */
  readonly fieldClass: FieldClass | null;
  /** Values that Drawbridge keeps, by their ids, that the request held; null: none were found. */
  readonly kept: readonly string[] | null;
  constructor(
    code: RefusalCode,
    stage: Stage,
    message: string,
    detail: {
      retryAfterSeconds?: number;
      fieldClass?: FieldClass;
      kept?: readonly string[] | null;
      cause?: unknown;
    } = {},
  ) {
    super(message, detail.cause === undefined ? {} : { cause: detail.cause });
    this.name = 'Refusal';
    this.code = code;
    this.stage = stage;
    this.retryAfterSeconds = detail.retryAfterSeconds ?? null;
    this.fieldClass = detail.fieldClass ?? null;
    this.kept = detail.kept ?? null;
  }
  get status(): number {
    return refusalCodes[this.code].status;
  }
  get later(): boolean {
    return refusalCodes[this.code].later;
  }
}
