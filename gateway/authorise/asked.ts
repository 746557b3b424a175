import type { Minimised } from '../crossing.ts';

/** What a worker knows of a crossing when policies decide. No values, but the model's name. */
export interface Asked {
  app: string;
  /** Whether the key is a person's own. */
  isPersons: boolean;
  endpoint: string;
  endpointClass: string;
  /** Whether the endpoint runs a model at all. */
  runsModel: boolean;
  /** As the request names it; null: it names none, or several. */
  model: string | null;
  /** What minimising made of the request, or would have in force. */
  fields: Minimised['fields'];
  /** Milliseconds since 1970. */
  at: number;
}
