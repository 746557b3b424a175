/** A made-up person of a scenario, with all that they do. Times are seconds after the scenario's beginning. */
export interface Person {
  index: number;
  name: string;
  given: string;
  email: string;
  phone: string | null;
  userId: string;
  /** What the app uses as distinct id: the user id, or for some the e-mail address itself. */
  distinctId: string;
  ip: string;
  country: string;
  region: string;
  city: string;
  /** Position in the scenario's browsers. */
  browser: number;
  referrer: string;
  organisation: Organisation;
  plan: string;
  /** Properties that the app sends with every event, beside place and organisation: where nobody looks. */
  hiddenProperties: Record<string, unknown>;
  /** In the order of their times. */
  visits: Visit[];
  aiCalls: AiCall[];
}

export interface Organisation {
  id: string;
  name: string;
  /** Its label in host names. */
  label: string;
}

/** One event. `path` may hold a query. */
export interface Visit {
  name: string;
  at: number;
  by: 'browser' | 'server';
  anonymous: boolean;
  path: string;
  title: string;
  properties: Record<string, unknown>;
}

/** One call to an AI vendor that the app makes on behalf of a person. */
export interface AiCall {
  kind: 'chat' | 'chat_stream' | 'responses' | 'embeddings';
  prompt: string;
  user: string | null;
  safetyIdentifier: string | null;
  metadata: Record<string, string> | null;
}

export interface Population {
  people: Person[];
  organisations: Organisation[];
  /** Names of the funnel's steps, in order. */
  funnel: string[];
}
