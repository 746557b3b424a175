import { decodeShipment, type Journal, openJournal } from '@drawbridge/journal';
import { ForgetfulStorage } from '@drawbridge/journal/forgetful';
import { describe, expect, it } from 'vitest';
import { type Post, type ShipEvent, Shipper, type ShipperLimits } from './shipper.ts';

const ORIGIN = 'gateway.example.test/1';

/** A clock that the test moves; timers ring in the order of their times. */
class TestClock {
  time = 1_700_000_000_000;
  #timers: { at: number; run: () => void }[] = [];
  now = () => this.time;
  after = (ms: number, run: () => void) => {
    const timer = { at: this.time + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };
  move(ms: number): void {
    this.time += ms;
    for (const due of this.#timers.filter(({ at }) => at <= this.time)) {
      this.#timers = this.#timers.filter((other) => other !== due);
      due.run();
    }
  }
}

/** The control plane's side: keeps entries by index, answers as the API says; `behave` may answer instead. */
class Receiver {
  readonly stored = new Map<number, string>();
  readonly requests: { first: number; bytes: number }[] = [];
  /** Indices that came with their payload. */
  readonly withPayload = new Set<number>();
  next = 0;
  behave: ((first: number, bytes: number) => { status: number; body: string } | Error | null) | null = null;

  post: Post = async ({ path, headers, body }) => {
    if (path !== '/fleet/v1/journal') throw new Error(`posted to ${path}`);
    const { header, entries } = decodeShipment(body);
    if (headers['x-drawbridge-origin'] !== header.origin) throw new Error('origin differs');
    const first = entries[0]?.index ?? 0;
    for (const { index, payload } of entries) if (payload) this.withPayload.add(index);
    this.requests.push({ first, bytes: body.length });
    const own = this.behave?.(first, body.length);
    if (own instanceof Error) throw own;
    if (own) return own;
    if (first > this.next) return answer(409, { code: 'journal_gap', next: this.next });
    for (const { index, entry } of entries) {
      const before = this.stored.get(index);
      if (before !== undefined && before !== entry.toString())
        return answer(409, { code: 'journal_conflict' });
      this.stored.set(index, entry.toString());
      this.next = Math.max(this.next, index + 1);
    }
    return answer(200, { next: this.next });
  };
}

const answer = (status: number, body: object) => ({ status, body: JSON.stringify(body) });

interface Setting {
  journal: Journal;
  shipper: Shipper;
  receiver: Receiver;
  clock: TestClock;
  events: ShipEvent[];
  storage: ForgetfulStorage;
  /** Lets time pass until something is so; fails when it never is. */
  until(what: () => boolean, step?: number): Promise<void>;
  stop(): Promise<void>;
}

async function setting(
  more: Partial<{
    storage: ForgetfulStorage;
    receiver: Receiver;
    clock: TestClock;
    limits: Partial<ShipperLimits>;
    segmentBytes: number;
  }> = {},
): Promise<Setting> {
  const clock = more.clock ?? new TestClock();
  const storage = more.storage ?? new ForgetfulStorage({ random: () => 0.99 });
  const receiver = more.receiver ?? new Receiver();
  const events: ShipEvent[] = [];
  const journal = await openJournal({
    storage,
    origin: ORIGIN,
    clock,
    limits: { segmentBytes: more.segmentBytes ?? 3000, segmentAgeMs: 600_000 },
    random: () => Buffer.alloc(32, 1),
    sealDataKey: async () => ({ enc: 'test', ct: 'test' }),
    report: () => undefined,
  });
  const shipper = await Shipper.start({
    journal,
    storage,
    clock,
    post: receiver.post,
    jitter: () => 0.5,
    report: (event) => events.push(event),
    limits: { batchBytes: 1000, ...more.limits },
  });
  const until = async (what: () => boolean, step = 20) => {
    for (let turn = 0; turn < 20_000; turn++) {
      if (what()) return;
      await new Promise(setImmediate);
      clock.move(step);
    }
    throw new Error('it never became so');
  };
  const stop = async () => {
    await shipper.stop();
    await journal.close();
  };
  return { journal, shipper, receiver, clock, events, storage, until, stop };
}

const fill = async (journal: Journal, count: number, from = 0) => {
  for (let at = from; at < from + count; at++) {
    await journal.append(
      Buffer.from(`{"entry":${at},"filler":"${'x'.repeat(120)}"}`),
      Buffer.from(`payload ${at}`),
    );
  }
};
const inOrder = (receiver: Receiver) =>
  [...receiver.stored].map(([index, entry]) => [index, JSON.parse(entry).entry]);
const expected = (count: number) => Array.from({ length: count }, (_, at) => [at, at]);

describe('shipping', () => {
  it('carries all entries in order, in batches, over several segments', async () => {
    const { journal, shipper, receiver, until, stop } = await setting();
    await fill(journal, 60);
    expect(journal.segments().length).toBeGreaterThan(2);
    await until(() => shipper.status().behind === 0);
    expect(inOrder(receiver)).toEqual(expected(60));
    expect(shipper.status()).toEqual({ durable: 60, shipped: 60, behind: 0, problem: null });
    expect(receiver.requests.every(({ bytes }) => bytes < 1400)).toBe(true);
    await fill(journal, 1, 60);
    await until(() => receiver.next === 61);
    await stop();
  });

  it('goes on after failures of every kind, with pauses that grow, and says so once', async () => {
    const { journal, shipper, receiver, clock, events, until, stop } = await setting();
    const failures = [
      new Error('made-up: no route'),
      answer(503, {}),
      answer(500, {}),
      { status: 502, body: '<html>' },
    ];
    const at: number[] = [];
    receiver.behave = () => {
      at.push(clock.time);
      return failures[at.length % failures.length] ?? null;
    };
    await fill(journal, 20);
    await until(() => at.length === 8);
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses[0]).toBeGreaterThanOrEqual(180);
    expect(pauses.at(-1)).toBeGreaterThan(10_000);
    expect(events).toMatchObject([{ kind: 'problem', problem: 'away' }]);
    receiver.behave = null;
    await until(() => shipper.status().behind === 0);
    expect(inOrder(receiver)).toEqual(expected(20));
    expect(events.at(-1)).toEqual({ kind: 'recovered' });
    await stop();
  });

  it('repeats harmlessly what was stored and not acknowledged', async () => {
    const { journal, shipper, receiver, until, stop } = await setting();
    let drop = 3;
    const { post } = receiver;
    receiver.post = post;
    receiver.behave = (first) => {
      if (drop-- <= 0) return null;
      receiver.stored.set(first, `${JSON.stringify({ entry: first, filler: 'x'.repeat(120) })}`);
      receiver.next = first + 1;
      return new Error('made-up: stored, but the answer was lost');
    };
    await fill(journal, 10);
    await until(() => shipper.status().behind === 0);
    expect(inOrder(receiver)).toEqual(expected(10));
    await stop();
  });

  it('learns from the answer where to go on: ahead', async () => {
    const first = await setting();
    await fill(first.journal, 30);
    await first.until(() => first.shipper.status().behind === 0);
    await first.stop();
    await first.storage.remove('shipped.json');
    first.receiver.requests.length = 0;
    const again = await setting({ storage: first.storage, receiver: first.receiver });
    await again.until(() => again.shipper.status().behind === 0);
    expect(first.receiver.requests.map(({ first }) => first)).toEqual([0]);
    await again.stop();
  });

  it('learns from the answer where to go on: back, when the control plane was restored', async () => {
    const { journal, shipper, receiver, events, until, stop } = await setting();
    await fill(journal, 30);
    await until(() => shipper.status().behind === 0);
    for (let index = 11; index < 30; index++) receiver.stored.delete(index);
    receiver.next = 11;
    await fill(journal, 1, 30);
    await until(() => receiver.next === 31);
    expect(inOrder(receiver)).toEqual(expected(31));
    expect(events).toContainEqual({ kind: 'again', from: 11, acknowledged: 30 });
    await stop();
  });

  it('remembers across restarts how far it came', async () => {
    const first = await setting();
    await fill(first.journal, 30);
    await first.until(() => first.shipper.status().behind === 0);
    await first.stop();
    first.receiver.requests.length = 0;
    const again = await setting({
      storage: first.storage.afterPowerCut({ random: () => 0.1 }),
      receiver: first.receiver,
    });
    await fill(again.journal, 5, 30);
    await again.until(() => first.receiver.next === 35);
    expect(first.receiver.requests.map(({ first }) => first)[0]).toBe(30);
    await again.stop();
  });

  it('a damaged note of how far it came is as none', async () => {
    const storage = new ForgetfulStorage({ random: () => 0.99 });
    await (await storage.create('shipped.json')).append(Buffer.from('{"v":1,"next":'));
    const { journal, receiver, until, stop } = await setting({ storage });
    await fill(journal, 3);
    await until(() => receiver.next === 3);
    await stop();
  });

  it('makes smaller batches where they are too large, and gives up on none', async () => {
    const { journal, shipper, receiver, until, stop } = await setting({
      limits: { batchBytes: 1024 * 1024 },
      segmentBytes: 1024 * 1024,
    });
    let tooLarge = 0;
    receiver.behave = (_, bytes) => {
      if (bytes <= 100_000) return null;
      tooLarge++;
      return answer(413, {});
    };
    for (let at = 0; at < 30; at++)
      await journal.append(Buffer.from(`{"entry":${at}}`), Buffer.alloc(20_000));
    await until(() => shipper.status().behind === 0);
    expect(tooLarge).toBeGreaterThan(0);
    expect(inOrder(receiver)).toEqual(expected(30));
    await stop();
  });

  it.for([
    ['conflict', answer(409, { code: 'journal_conflict' })],
    ['ahead', answer(200, { next: 1_000_000 })],
    ['rejected', answer(401, {})],
    ['rejected', answer(200, { next: 'much' })],
    ['rejected', answer(400, { code: 'bad_request' })],
  ] as const)('says %s for %o, keeps all, and tries again without haste', async ([problem, said]) => {
    const { journal, shipper, receiver, events, clock, until, stop } = await setting();
    receiver.behave = () => said;
    await fill(journal, 5);
    await until(() => shipper.status().problem === problem);
    const before = receiver.requests.length;
    const from = clock.time;
    await until(() => clock.time - from > 120_000);
    expect(receiver.requests.length - before).toBeLessThan(20);
    expect(shipper.status()).toMatchObject({ shipped: 0, behind: 5, problem });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ kind: 'problem', problem, status: said.status });
    receiver.behave = null;
    await until(() => shipper.status().behind === 0);
    expect(inOrder(receiver)).toEqual(expected(5));
    await stop();
  });

  it('does not run in circles when the control plane asks for the same for ever', async () => {
    const { journal, receiver, clock, until, stop } = await setting();
    receiver.behave = (first) => answer(200, { next: first });
    await fill(journal, 5);
    await until(() => receiver.requests.length === 3);
    const from = clock.time;
    await until(() => clock.time - from > 60_000);
    expect(receiver.requests.length).toBeLessThan(20);
    await stop();
  });

  it('says when the journal on disk is damaged', async () => {
    const { journal, storage, shipper, until, stop } = await setting();
    await fill(journal, 3);
    storage.damage('0000000001-0000000000000000.journal', 300);
    await until(() => shipper.status().problem === 'unreadable');
    await stop();
  });

  it('stops while a request is under way', async () => {
    const { journal, shipper, clock, until } = await setting();
    let asked = false;
    const hanging: Post = ({ signal }) =>
      new Promise((_, reject) => {
        asked = true;
        signal.addEventListener('abort', () => reject(new Error('broken off')));
      });
    await shipper.stop();
    const again = await Shipper.start({
      journal,
      storage: new ForgetfulStorage({ random: () => 0.5 }),
      clock,
      post: hanging,
      jitter: () => 0,
      report: () => undefined,
    });
    await fill(journal, 1);
    await until(() => asked);
    await again.stop();
  });
});

describe('deleting payloads', () => {
  it('happens an hour after their segment was acknowledged, not before, and keeps the entries', async () => {
    const { journal, shipper, receiver, clock, events, until, stop } = await setting();
    await fill(journal, 40);
    await until(() => shipper.status().behind === 0);
    const from = clock.time;
    await until(() => clock.time - from > 50 * 60_000, 5000);
    expect(journal.segments().filter(({ stripped }) => stripped)).toEqual([]);
    await until(() => clock.time - from > 80 * 60_000, 5000);
    expect(journal.segments().every(({ stripped }) => stripped)).toBe(true);
    expect(events.filter(({ kind }) => kind === 'payloads_deleted')).toHaveLength(journal.segments().length);
    await journal.verify();
    receiver.next = 0;
    receiver.stored.clear();
    receiver.withPayload.clear();
    await fill(journal, 1, 40);
    await until(() => receiver.next === 41);
    expect(inOrder(receiver)).toEqual(expected(41));
    expect([...receiver.withPayload]).toEqual([40]);
    await stop();
  });

  it('does not happen to what was never acknowledged', async () => {
    const { journal, receiver, clock, until, stop } = await setting();
    receiver.behave = () => answer(503, {});
    await fill(journal, 40);
    const from = clock.time;
    await until(() => clock.time - from > 100 * 60_000, 5000);
    expect(journal.segments().filter(({ stripped }) => stripped)).toEqual([]);
    await stop();
  });

  it('counts the hour on across restarts', async () => {
    const first = await setting();
    await fill(first.journal, 40);
    await first.until(() => first.shipper.status().behind === 0);
    const from = first.clock.time;
    await first.until(() => first.clock.time - from > 40 * 60_000, 5000);
    await first.stop();
    const again = await setting({ storage: first.storage, receiver: first.receiver, clock: first.clock });
    await again.until(() => first.clock.time - from > 75 * 60_000, 5000);
    expect(again.journal.segments().every(({ stripped }) => stripped)).toBe(true);
    await again.stop();
  });
});
