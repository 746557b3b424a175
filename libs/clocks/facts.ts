import type { Rule } from './rule.ts';

/** Something that was sent for a rule. */
export interface Submission {
  /** An instant with offset. */
  at: string;
  what: string;
  /** A receipt, a reference number. */
  receipt?: string | undefined;
}

/** How a clock ended. Only people end clocks. */
export interface End {
  submissions?: readonly Submission[] | undefined;
  /** Kept for Art. 33(5) GDPR and its like. */
  not_required?: { reason: string; decided_by: string; at: string } | undefined;
  /** Why it is, or was sent, late. */
  late?: { reason: string } | undefined;
}

/** What is known of an organisation and an incident. All times are instants with an offset. */
export interface Facts {
  organisation: {
    /** Where the competent authority sits: id of a calendar, as `DE`. */
    country?: string | undefined;
    /** IANA zone; without it the calendar's. */
    zone?: string | undefined;
    /** Seats, ISO 3166-1. */
    countries?: readonly string[] | undefined;
    answers?: Readonly<Record<string, string>> | undefined;
    /** Where another authority is competent for a regime. */
    competent?:
      | Readonly<Record<string, { country?: string | undefined; zone?: string | undefined }>>
      | undefined;
    /** ISO dates: holidays of a part of the country. */
    extra_holidays?: readonly string[] | undefined;
  };
  incident: {
    /** Goes before the organisation's answer to the same question. */
    answers?: Readonly<Record<string, string>> | undefined;
    /** By the id of a time's word. */
    times?: Readonly<Record<string, string>> | undefined;
  };
  /** By the id of a rule. */
  ends?: Readonly<Record<string, End>> | undefined;
  /** Who of the organisation's counsel reviewed a rule, and when (ISO date). */
  reviews?: Readonly<Record<string, { by: string; on: string }>> | undefined;
  /** Clocks of contracts, insurers and customers. */
  rules?: readonly Rule[] | undefined;
}
