import { Breaker, type BreakerRules, type BreakerSources, type BreakerState } from './breaker.ts';

/** The breakers of a worker, by the ids of connections. */
export class Breakers {
  readonly #sources: BreakerSources;
  readonly #all = new Map<string, Breaker>();

  constructor(sources: BreakerSources) {
    this.#sources = sources;
  }

  /** A connection that is in two routes has one breaker, under the rules of the one that asked last. */
  of(connection: string, rules: BreakerRules): Breaker {
    const known = this.#all.get(connection);
    if (known !== undefined) {
      known.rules = rules;
      return known;
    }
    const made = new Breaker(rules, this.#sources);
    this.#all.set(connection, made);
    return made;
  }

  /** By connection, of those that were asked for. */
  *states(): Generator<{ connection: string; state: BreakerState; restMs: number }> {
    for (const [connection, breaker] of this.#all)
      yield { connection, state: breaker.state(), restMs: breaker.restMs() };
  }

  /** Forgets those of connections that are gone. */
  retain(isThere: (connection: string) => boolean): void {
    for (const connection of this.#all.keys()) if (!isThere(connection)) this.#all.delete(connection);
  }
}
