/** What an incident makes due, as the API at /api/v1/incidents/{incident}/clocks answers; docs/deadlines.md, "The result". */

interface Moment {
  at: string;
  text: string;
}

export interface Clock {
  rule: string;
  regime: string;
  kind: string;
  article: string;
  title: string;
  recipient: string;
  content: string[];
  state: 'running' | 'due' | 'submitted' | 'late' | 'not_required' | 'waiting' | 'armed' | 'unknown';
  questions: string[];
  waits_for: { what: string; ids: string[]; text: string } | null;
  start: Moment | null;
  due: Moment | null;
  latest:
    | (Moment & {
        disputed: boolean;
        readings: { at: string; text: string; disputed: boolean; reason: string }[];
      })
    | null;
  no_number: string | null;
  steps: { text: string }[];
  end: {
    submissions: { at: string; what: string; receipt?: string }[];
    not_required: { reason: string; decided_by: string; at: string } | null;
    late: string | null;
  } | null;
  /** Null: nobody's counsel reviewed the rule. */
  review: { by: string; on: string } | null;
  notes: string[];
  disputed: string[];
  source: { citation: string; url?: string | undefined; grade: string; as_of: string };
  as_of: string;
}

export interface IncidentClocks {
  facts: { times: Record<string, string>; answers: Record<string, string>; ends: Record<string, unknown> };
  result: {
    at: string;
    clocks: Clock[];
    set_aside: {
      rule: string;
      regime: string;
      article: string;
      title: string;
      because: { question: string; answer: string }[];
    }[];
    questions: { id: string; text: string; of: string; choices: string[]; rules: string[] }[];
    times: { id: string; text: string; rules: string[] }[];
  };
  profileComplete: boolean;
}

/** One clock of the wall over all open incidents. */
export interface WallClock {
  incident: { id: string; number: number; title: string; drill: boolean };
  clock: Clock;
}
