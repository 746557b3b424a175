import { regionProblem } from '../authorise/index.ts';
import type { Fields, LiveConnection, Minimised } from '../crossing.ts';
import type { House } from '../house.ts';
import { type CompiledEndpoint, findKeys, inspect } from '../inspect/index.ts';
import { traceOf } from '../log.ts';
import { type CompiledContract, compileContract, minimise } from '../minimise/index.ts';
import { liftedAt } from '../mode.ts';
import { record } from '../record/index.ts';
import { Refusal } from '../refusal/index.ts';
import type { Breaker, Pass } from '../route/breaker.ts';
import { isFailure, restOf as restAsked } from '../route/judge.ts';
import { formSettlement } from '../settle/index.ts';
import type { Live } from '../snapshot/index.ts';
import type { UpstreamControl } from '../upstream/index.ts';
import { ClientGone } from '../upstream/index.ts';
import { isDeduplicated } from './insert-ids.ts';
import { forwardedLeaf, refusedLeaf } from './leaf.ts';
import type { Done, HoldQueue, Taken } from './queue.ts';
import { nothingLeft, restOf, rulesHash } from './rest.ts';
import { type Sent, sendOff } from './send.ts';
import type { Stored } from './stored.ts';

export type ForwarderHouse = Pick<
  House,
  'breakers' | 'clock' | 'journal' | 'log' | 'monotonic' | 'random' | 'upstream'
> & { live: () => Live | null };

/** Requests of one queue that are under way at once; those that speak of the same subject never are. */
const AT_ONCE = 8;
const PAUSE_MS = 500;
const WAIT_MS = 30_000;
const BREAKER = { failures: 3, openMs: 1_000 };

/** Ends that wait for people: the credential is entered again, or its places are. */
const waiting: ReadonlySet<string> = new Set(['credential_missing', 'credential_unusable']);

/** Sends what a queue holds once its connection is open: in order for each subject, and until the vendor took it. */
export class Forwarder {
  readonly #house: ForwarderHouse;
  readonly #connection: string;
  readonly #queue: HoldQueue;
  readonly #running = new Set<Promise<void>>();
  readonly #busy = new Set<string>();
  readonly #controls = new Set<UpstreamControl>();
  readonly #bare = new WeakMap<LiveConnection, CompiledContract>();
  #news = Promise.withResolvers<void>();
  #isStopped = false;
  readonly #loop: Promise<void>;

  constructor(house: ForwarderHouse, connection: string, queue: HoldQueue) {
    this.#house = house;
    this.#connection = connection;
    this.#queue = queue;
    this.#loop = this.#run();
  }

  /** Something came, or what is in force changed: what may not go on is ended at once. */
  poke(): void {
    if (this.#open() === null) for (const control of this.#controls) control.abort(new ClientGone());
    const news = this.#news;
    this.#news = Promise.withResolvers();
    news.resolve();
  }

  /** Ends what is under way; what the vendor did not take yet stays in the queue. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const control of this.#controls) control.abort(new ClientGone());
    this.poke();
    await this.#loop;
    await Promise.all(this.#running);
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#step();
      } catch (cause) {
        this.#house.log.error(
          { event: 'hold_error', connection: this.#connection, ...traceOf(cause) },
          'kept requests could not be read; it is tried again',
        );
        await this.#pause(PAUSE_MS);
      }
    }
  }

  async #step(): Promise<void> {
    const { promise } = this.#news;
    const taken = await this.#queue.take();
    if (taken === null) {
      await promise;
      return;
    }
    const subjects = taken.stored?.subjects ?? [];
    const mustWait = () => this.#running.size >= AT_ONCE || subjects.some((one) => this.#busy.has(one));
    while (!this.#isStopped && mustWait()) await Promise.race(this.#running);
    if (this.#isStopped) return;
    for (const subject of subjects) this.#busy.add(subject);
    const task = this.#deliver(taken).then(() => {
      for (const subject of subjects) this.#busy.delete(subject);
      this.#running.delete(task);
    });
    this.#running.add(task);
  }

  /** Until it is done with, or the gateway stops. Never rejects. */
  async #deliver(taken: Taken): Promise<void> {
    const { index, stored } = taken;
    if (stored === null) {
      this.#house.log.error(
        { event: 'hold_damaged', connection: this.#connection, index },
        'a kept request could not be read, and was given up',
      );
      this.#queue.done(index, 'damaged');
      return;
    }
    for (let tries = 0; !this.#isStopped; ) {
      if (stored.until <= this.#house.clock()) {
        this.#queue.done(index, 'expired');
        return;
      }
      const way = this.#way();
      let end: Done | null = null;
      if (way !== null) {
        tries += 1;
        try {
          end = await this.#try(taken, stored, way, tries);
        } catch (cause) {
          way.breaker.released(way.pass);
          end = await this.#afterError(cause, index, stored, way.live, way.connection);
        }
      }
      if (end !== null) {
        this.#queue.done(index, end);
        return;
      }
      await this.#pause(PAUSE_MS);
    }
  }

  /** The connection, if anything may cross to it now. */
  #open(): { live: Live; connection: LiveConnection } | null {
    const live = this.#house.live();
    if (live === null) return null;
    for (const connection of live.connections.values()) {
      const { config } = connection;
      if (config.id !== this.#connection) continue;
      const now = this.#house.clock();
      const isOver = config.closes_at !== undefined && config.closes_at <= now;
      const isClosed = config.state === 'severed' || config.withheld !== undefined || isOver;
      const isElsewhere =
        liftedAt(connection.modes, now) === null && regionProblem(config, connection.service.name) !== null;
      return isClosed || isElsewhere || connection.credential === null ? null : { live, connection };
    }
    return null;
  }

  #way(): { live: Live; connection: LiveConnection; breaker: Breaker; pass: Pass } | null {
    const open = this.#open();
    if (open === null) return null;
    const breaker = this.#house.breakers.of(this.#connection, BREAKER);
    const pass = breaker.admit();
    return pass === null ? null : { ...open, breaker, pass };
  }

  /** What became of it; null: it is to be tried again. */
  async #try(
    { index, wasSending }: Taken,
    stored: Stored,
    {
      live,
      connection,
      breaker,
      pass,
    }: { live: Live; connection: LiveConnection; breaker: Breaker; pass: Pass },
    tries: number,
  ): Promise<Done | null> {
    const { clock, journal, monotonic, random, upstream } = this.#house;
    const endpoint = connection.endpoints.find(({ id }) => id === stored.endpoint);
    if (endpoint === undefined) throw refusedNow('unknown_endpoint', 'The pack has its endpoint no longer.');
    const { minimised, isOnce } = this.#minimised(stored, connection, endpoint);
    this.#authorise(stored, connection, endpoint, minimised);
    const mayRepeat = isOnce || stored.inDoubt === 'repeat';
    if (!mayRepeat && (wasSending || stored.wasSent)) {
      breaker.released(pass);
      return 'lost';
    }
    const at = clock();
    const id = random.uuid(at);
    await record(journal, {
      leaf: forwardedLeaf(stored, { id, at, tries, live, connection, minimised }, random),
      payload: stored.items,
    });
    if (!mayRepeat) await this.#queue.sending(index);
    const began = monotonic();
    const { signer } = connection;
    const signed = signer === null ? minimised : signer.sign(minimised, at);
    let steering: UpstreamControl | null = null;
    const sent = await sendOff(upstream, connection.config.upstream, signed, WAIT_MS, (control) => {
      steering = control;
      this.#controls.add(control);
      if (this.#isStopped || this.#open() === null) control.abort(new ClientGone());
    });
    if (steering !== null) this.#controls.delete(steering);
    journal.appendLater(
      formSettlement(
        {
          crossing: id,
          at: clock(),
          outcome: outcomeOf(sent),
          status: sent.status,
          remote: sent.remote,
          responseBytes: sent.responseBytes,
          timings: [0, 0, 0, 0, 0, 0, 0, Math.max(0, Math.round((monotonic() - began) * 1000)), 0, 0],
          usage: null,
          tokens: null,
          found: null,
          reason: null,
        },
        random,
      ),
    );
    return this.#judge(sent, mayRepeat, breaker, pass);
  }

  #judge(
    { status, rawHeaders, remote }: Sent,
    mayRepeat: boolean,
    breaker: Breaker,
    pass: Pass,
  ): Done | null {
    if (status !== null && !isFailure(status) && status !== 408) {
      breaker.succeeded(pass);
      return status < 300 ? 'sent' : 'rejected';
    }
    if (this.#isStopped || this.#open() === null) breaker.released(pass);
    else breaker.failed(pass, restAsked(rawHeaders, this.#house.clock()));
    // With these the vendor says that it did not take it; without an address nothing went out.
    const isUntaken = remote === null || status === 429 || status === 503 || status === 408;
    return isUntaken || mayRepeat ? null : 'lost';
  }

  /** As it goes out now: under the stricter of the contract then and now, with the credential in its place. */
  #minimised(
    stored: Stored,
    connection: LiveConnection,
    endpoint: CompiledEndpoint,
  ): { minimised: Minimised; isOnce: boolean } {
    const { config, service, credential } = connection;
    const incoming = { ...stored.request, body: stored.body };
    const inspection = inspect(incoming, endpoint);
    const found = findKeys(service, endpoint, incoming).filter(({ key }) => key === stored.placeholder);
    if (credential === null || found.some(({ placement }) => !credential.places.has(placement))) {
      throw refusedNow(
        'credential_unusable',
        'The credential is not bound to the place where the key stood.',
      );
    }
    const isSame = stored.rules === rulesHash(config.contract.rules) && !stored.isLifted;
    const isLifted = liftedAt(connection.modes, this.#house.clock()) !== null;
    // What is severed is treated in every mode.
    const isBare = isSame || (isLifted && config.severed_classes === undefined);
    const contract = isBare ? this.#bareOf(connection) : this.#restOf(stored, connection);
    const text = isBare ? null : connection.text;
    const live = { ...connection, contract, text };
    const minimised = minimise(incoming, endpoint, inspection, live, found, stored.app);
    const { method, path, query, headers, body } = minimised;
    return { minimised, isOnce: isDeduplicated({ method, path, query, headers, body }, endpoint) };
  }

  /** Throws Refusal `policy_denied`. */
  #authorise(
    stored: Stored,
    { policies, modes }: LiveConnection,
    endpoint: CompiledEndpoint,
    minimised: Minimised,
  ): void {
    const at = this.#house.clock();
    if (policies === null || liftedAt(modes, at) !== null) return;
    const decision = policies.decide({
      app: stored.app,
      isPersons: stored.isPersons,
      endpoint: endpoint.id,
      endpointClass: endpoint.class,
      runsModel: endpoint.runsModel,
      model: null,
      fields: [...(stored.fields as Fields), ...minimised.fields],
      at,
    });
    if (!decision.allowed) throw new Refusal('policy_denied', 'authorise', decision.message);
  }

  #bareOf(connection: LiveConnection): CompiledContract {
    const known = this.#bare.get(connection);
    if (known !== undefined) return known;
    const made = compileContract(connection.service, nothingLeft);
    this.#bare.set(connection, made);
    return made;
  }

  #restOf({ fields, isLifted }: Stored, { config, service }: LiveConnection): CompiledContract {
    const done = isLifted ? [] : fields;
    return compileContract(service, restOf(config.contract.rules, done as Fields));
  }

  /** What the rules refuse by now is given up, on the record; what only waits for somebody waits. */
  async #afterError(
    cause: unknown,
    index: number,
    stored: Stored,
    live: Live,
    connection: LiveConnection,
  ): Promise<Done | null> {
    const { clock, journal, log, random } = this.#house;
    if (!(cause instanceof Refusal) || cause.cause !== undefined) {
      log.error(
        { event: 'hold_error', connection: this.#connection, index, ...traceOf(cause) },
        'a kept request could not be sent; it is tried again',
      );
      return null;
    }
    if (waiting.has(cause.code) || cause.later) return null;
    const at = clock();
    const id = random.uuid(at);
    await record(journal, {
      leaf: refusedLeaf(stored, { id, at, live, connection, refusal: cause }, random),
      payload: Buffer.alloc(0),
    }).catch(() => undefined);
    log.warn(
      { event: 'hold_refused', connection: this.#connection, crossing: stored.id, code: cause.code },
      'a kept request may not go out any more, and was given up',
    );
    return 'refused';
  }

  async #pause(ms: number): Promise<void> {
    const { promise } = this.#news;
    const timer = Promise.withResolvers<void>();
    const handle = setTimeout(timer.resolve, ms);
    await Promise.race([promise, timer.promise]);
    clearTimeout(handle);
  }
}

function refusedNow(code: 'unknown_endpoint' | 'credential_unusable', message: string): Refusal {
  return new Refusal(code, 'minimise', message);
}

function outcomeOf({ status, remote, failure }: Sent): Parameters<typeof formSettlement>[0]['outcome'] {
  if (status !== null) return 'answered';
  if (remote === null) return 'connect_failed';
  if (failure?.kind === 'aborted') return 'cut_off';
  return failure?.kind === 'timeout' ? 'timed_out' : 'upstream_failed';
}
