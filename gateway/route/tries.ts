import type { LeafDrill } from '@drawbridge/protocol';
import type { LiveMember, LiveRoute, RouteStep } from '../crossing.ts';
import type { Outcome } from '../forward/index.ts';
import type { House } from '../house.ts';
import { Refusal } from '../refusal/index.ts';
import type { Breaker, Pass } from './breaker.ts';
import type { Candidate } from './candidates.ts';
import { goesOn, isFailure, isUnsent, mayRepeat, restOf } from './judge.ts';

type TriesHouse = Pick<House, 'breakers' | 'clock' | 'metrics'>;

/** What was tried of a request's members, and what is left. */
export class Tries {
  readonly house: TriesHouse;
  readonly route: LiveRoute;
  readonly #left: Candidate[];
  readonly #method: string;
  readonly #passedInDrill: (member: LiveMember) => LeafDrill | null;
  readonly #resting = new Set<Candidate>();
  #count = 0;
  #tried = '';
  #first: string | null = null;
  /** A vendor failed: from here on a refusal passes the request on. */
  hasFailed = false;
  /** A vendor that failed may have acted on it. */
  mayBeSent = false;
  #retryAfterMs: number | null = null;

  constructor(
    house: TriesHouse,
    route: LiveRoute,
    usable: readonly Candidate[],
    method: string,
    passedInDrill: (member: LiveMember) => LeafDrill | null = () => null,
  ) {
    this.house = house;
    this.route = route;
    this.#left = [...usable];
    this.#method = method;
    this.#passedInDrill = passedInDrill;
  }

  /** How many tries there were, the crossing of the first, and what came of them. */
  get told(): { count: number; first: string | null; tried: string } {
    return { count: this.#count, first: this.#first, tried: this.#tried };
  }

  get hasMore(): boolean {
    return this.#left.length > 0;
  }

  /**
   * The first member left whose breaker lets a request through. Where none does, the first all the same: a breaker spares
   * time, and is never the reason why a request is lost. `before`: the crossing of the try that came before. Null: none is left.
   */
  next(before: string | null = null): Turn | null {
    this.#first ??= before;
    const { failures, open_ms: openMs } = this.route.config.breaker;
    let chosen: { candidate: Candidate; breaker: Breaker; pass: Pass | null } | null = null;
    for (const candidate of this.#left) {
      const breaker = this.house.breakers.of(candidate.member.connection.config.id, { failures, openMs });
      const pass = breaker.admit();
      if (pass !== null || chosen === null) chosen = { candidate, breaker, pass };
      if (pass !== null) break;
    }
    if (chosen === null) return null;
    const { candidate, breaker, pass } = chosen;
    if (pass !== null) this.#noteResting(candidate);
    this.#left.splice(this.#left.indexOf(candidate), 1);
    this.#count += 1;
    return new Turn(this, candidate, breaker, pass, {
      number: this.#count,
      first: this.#first,
      tried: this.#tried,
      drill: this.#passedInDrill(candidate.member),
      isRepeatable: mayRepeat(this.route, candidate.endpoint, this.#method),
    });
  }

  /** Those before the chosen one rest; they stay, in case that all others fail. */
  #noteResting(chosen: Candidate): void {
    for (const each of this.#left.slice(0, this.#left.indexOf(chosen))) {
      if (this.#resting.has(each)) continue;
      this.#resting.add(each);
      this.tell(each.member, 'resting');
    }
  }

  /** That a member was passed over or failed. */
  tell(member: LiveMember, why: string): void {
    this.#note(member, why);
    this.house.metrics.route(this.route.config.slug, member.connection.config.slug, why);
  }

  #note({ connection }: LiveMember, why: string): void {
    const text = `${connection.config.slug}=${why}`;
    this.#tried = this.#tried === '' ? text : `${this.#tried}, ${text}`;
  }

  /** That a vendor failed, and with what. */
  failed(member: LiveMember, outcome: Outcome): void {
    this.hasFailed = true;
    const isUntaken = isUnsent(outcome) || outcome.status === 429 || outcome.status === 503;
    if (!isUntaken) this.mayBeSent = true;
    if (outcome.diverted !== undefined)
      this.#retryAfterMs = restOf(outcome.diverted.rawHeaders, this.house.clock());
    this.tell(member, outcome.diverted !== undefined ? String(outcome.status) : outcome.outcome);
  }

  /** What is answered where nobody is left: after a vendor failed, that it may pass later. */
  answerFor(refusal: Refusal): Refusal {
    if (!this.hasFailed) return refusal;
    return new Refusal(
      'route_exhausted',
      refusal.stage,
      `No connection of this route could take the request (${this.#tried}; then ${refusal.code}). It may pass later.`,
      this.#retryAfterMs === null ? {} : { retryAfterSeconds: Math.ceil(this.#retryAfterMs / 1000) },
    );
  }
}

interface TurnPlace {
  number: number;
  first: string | null;
  tried: string;
  drill: LeafDrill | null;
  isRepeatable: boolean;
}

/** One try, with one member. Its breaker hears once how it went. */
export class Turn implements RouteStep {
  readonly candidate: Candidate;
  readonly route: RouteStep['route'];
  readonly number: number;
  readonly first: string | null;
  readonly tried: string;
  readonly drill: LeafDrill | null;
  readonly firstByteMs: number | null;
  /** Whether the request may be made again though the vendor may have acted on it. */
  readonly isRepeatable: boolean;
  /** What becomes of events that nobody takes: `untaken`: only those that certainly were not are set aside. */
  setsAside: 'nothing' | 'untaken' | 'all' = 'nothing';
  readonly #tries: Tries;
  readonly #breaker: Breaker;
  #pass: Pass | null;

  constructor(tries: Tries, candidate: Candidate, breaker: Breaker, pass: Pass | null, place: TurnPlace) {
    const { config } = tries.route;
    this.candidate = candidate;
    this.route = { id: config.id, slug: config.slug };
    this.number = place.number;
    this.first = place.first;
    this.tried = place.tried;
    this.drill = place.drill;
    this.isRepeatable = place.isRepeatable;
    this.firstByteMs = config.first_byte_ms ?? null;
    this.#tries = tries;
    this.#breaker = breaker;
    this.#pass = pass;
  }

  /** With 429 the vendor says that it did not act on the request (RFC 6585, 4). */
  diverts(status: number): boolean {
    if (!isFailure(status)) return false;
    if (this.#tries.hasMore && (status === 429 || this.isRepeatable)) return true;
    return this.setsAside === 'all' || (this.setsAside === 'untaken' && (status === 429 || status === 503));
  }

  /** Whether a request that ended so is set aside, where no other member is asked. */
  goesAside(outcome: Outcome): boolean {
    if (this.setsAside === 'nothing' || !goesOn(outcome, true)) return false;
    return this.setsAside === 'all' || outcome.diverted !== undefined || isUnsent(outcome);
  }

  began(status: number, rawHeaders: readonly string[]): void {
    const { connection } = this.candidate.member;
    this.#tries.house.metrics.route(this.route.slug, connection.config.slug, 'answered');
    this.#judge(isFailure(status), rawHeaders);
  }

  /** The try is over, and nothing of it was handed on. */
  ended(outcome: Outcome): void {
    const isVendors =
      outcome.diverted !== undefined ||
      ['connect_failed', 'upstream_failed', 'timed_out'].includes(outcome.outcome);
    if (isVendors) this.#judge(true, outcome.diverted?.rawHeaders ?? []);
    else this.release();
  }

  /** It says nothing of the vendor. */
  release(): void {
    if (this.#pass !== null) this.#breaker.released(this.#pass);
    this.#pass = null;
  }

  #judge(hasFailed: boolean, rawHeaders: readonly string[]): void {
    if (this.#pass === null) return;
    if (hasFailed) this.#breaker.failed(this.#pass, restOf(rawHeaders, this.#tries.house.clock()));
    else this.#breaker.succeeded(this.#pass);
    this.#pass = null;
  }
}
