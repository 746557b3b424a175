import type { LeaseHolder, Limit, Refused } from '@drawbridge/leases';
import type { VirtualKey } from '@drawbridge/protocol';
import { Refusal } from '../refusal/index.ts';
import type { Charge, Spent } from './charge.ts';

const MINUTE: Omit<Limit, 'cap'> = { windowMs: 60_000, aligned: false };
const DAY: Omit<Limit, 'cap'> = { windowMs: 86_400_000, aligned: true };

/** One cap of a key. `name` is its account's in the ledger. */
export interface Cap {
  name: string;
  limit: Limit;
  /** What a refusal says. */
  text: string;
}

/** A key's caps, prepared once per snapshot. */
export interface KeyCaps {
  perMinute: Cap | null;
  requests: Cap | null;
  tokens: Cap | null;
  money: (Cap & { currency: string }) | null;
  /** All that are there, in the order in which they are asked. */
  all: readonly Cap[];
}

/** The caps of a key; null where it has none, so that its crossings pay nothing for them. */
export function capsOf({ id, per_minute, per_day }: VirtualKey): KeyCaps | null {
  const cap = (
    what: string,
    value: number | null | undefined,
    span: Omit<Limit, 'cap'>,
    text: string,
  ): Cap | null =>
    value === null || value === undefined
      ? null
      : { name: `${id}/${what}`, limit: { cap: value, ...span }, text: `This virtual key may ${text}` };
  const perMinute = cap(
    'minute',
    per_minute,
    MINUTE,
    `send ${per_minute} requests a minute and has sent them.`,
  );
  const day = 'a day (UTC) and has used them. Its budget can be raised in Drawbridge.';
  const requests = cap('requests', per_day?.requests, DAY, `send ${per_day?.requests} requests ${day}`);
  const tokens = cap('tokens', per_day?.tokens, DAY, `use ${per_day?.tokens} tokens ${day}`);
  const budget = per_day?.money ?? null;
  const spend = `spend ${(budget?.micros ?? 0) / 1e6} ${budget?.currency} ${day.replace('used them', 'spent it')}`;
  const spending = cap(`money:${budget?.currency}`, budget?.micros, DAY, spend);
  const money = spending === null || budget === null ? null : { ...spending, currency: budget.currency };
  const all = [perMinute, requests, tokens, money].filter((each) => each !== null);
  return all.length === 0 ? null : { perMinute, requests, tokens, money, all };
}

/** What keys may use in a time, kept together with the gateway's other workers. */
export class KeyLimits {
  readonly #leases: LeaseHolder;
  constructor(leases: LeaseHolder) {
    this.#leases = leases;
  }

  /**
   * Takes what is counted beforehand (requests), and sees that something is left of the rest. Null: done; a promise
   * where a slice has to be fetched first. Throws, or rejects with, Refusal `rate_limited`, `budget_exhausted` or
   * `budget_unavailable`.
   */
  admit(caps: KeyCaps): Promise<void> | null {
    for (const [at, cap] of caps.all.entries()) {
      const refused = this.#ask(caps, cap);
      if (refused instanceof Promise) return this.#admitRest(caps, at, refused);
      if (refused !== null) this.#refuse(caps, at, refused);
    }
    return null;
  }

  async #admitRest(caps: KeyCaps, from: number, first: Promise<Refused | null>): Promise<void> {
    for (let at = from; at < caps.all.length; at++) {
      const cap = caps.all[at];
      if (cap === undefined) return;
      try {
        const refused = await (at === from ? first : this.#ask(caps, cap));
        if (refused !== null) this.#refuse(caps, at, refused);
      } catch (cause) {
        if (cause instanceof Refusal) throw cause;
        this.#putBack(caps, at);
        throw new Refusal(
          'budget_unavailable',
          'admit',
          'What this virtual key has used could not be looked up or kept, so the request was not sent. Send it again.',
          { retryAfterSeconds: 1 },
        );
      }
    }
  }

  #ask(caps: KeyCaps, cap: Cap): Refused | null | Promise<Refused | null> {
    return isCounted(caps, cap)
      ? this.#leases.take(cap.name, cap.limit)
      : this.#leases.open(cap.name, cap.limit);
  }

  /** What was taken before a later cap refused was not used. */
  #putBack(caps: KeyCaps, until: number): void {
    for (const cap of caps.all.slice(0, until)) if (isCounted(caps, cap)) this.#leases.putBack(cap.name);
  }

  #refuse(caps: KeyCaps, at: number, { waitMs }: Refused): never {
    this.#putBack(caps, at);
    const cap = caps.all[at];
    const code = cap === caps.perMinute ? 'rate_limited' : 'budget_exhausted';
    throw new Refusal(code, 'admit', cap?.text ?? '', { retryAfterSeconds: Math.ceil(waitMs / 1000) });
  }

  /** Counts what a crossing turned out to use. */
  spend({ caps: { tokens, money } }: Charge, spent: Spent): void {
    if (tokens !== null && spent.tokens > 0) this.#leases.spend(tokens.name, tokens.limit, spent.tokens);
    if (money !== null && spent.micros > 0) this.#leases.spend(money.name, money.limit, spent.micros);
  }
}

const isCounted = (caps: KeyCaps, cap: Cap): boolean => cap === caps.perMinute || cap === caps.requests;
