import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { type Contract, contracts, type Vendor } from './ai-world.ts';
import { type Cell, isThorough, type Sheet, type Weather, wordsFor } from './table.ts';

/** One call of an SDK, as an app makes it. */
export interface SdkCall {
  name: string;
  /** Puts at the vendor, before the weather sets in, what the call is about. */
  given?(contract: Contract): Promise<void>;
  /** Makes the call and resolves with what the app gets, streams read to their end. */
  ask(contract: Contract): Promise<unknown>;
  /** What the app gets when all is well. */
  gets: unknown;
  streams?: boolean;
  /** Weathers in which the SDK mostly waits to try again, as it was seen to do in other calls: left to the soak. */
  waitsIn?: readonly Weather[];
}

/** What stands around the calls of an SDK. */
export interface Around {
  vendor(contract: Contract): Pick<Vendor, 'requests' | 'script'>;
  /** Requests that the SDK has made since the last call under this contract began. */
  attempts(contract: Contract): number;
  /** The vendor's error, in the vendor's shape. */
  errorBody(status: number): string;
  /** The table's word for a call that went well; `answer` unless it is said. */
  well?: string;
}

/** How an SDK takes what the vendor does. Each SDK asks three times in all, as it does or was told to. */
export interface Manners extends Around {
  /** What the app is thrown. */
  thrown: { badRequest: unknown; serverError: unknown };
}

/** What came of one call. */
interface Came {
  value: unknown;
  /** Undefined: nothing was thrown. */
  thrown: unknown;
  attempts: number;
  /** Requests that reached the vendor. */
  reached: number;
}

/** A call may wait for its SDK's back-off, seconds each; longer than this it is lost. */
const LOST_MS = 25_000;

/**
 * Calls that are made before the tests that look at them: those at different vendors side by side, as SDKs mostly wait
 * to try again; those at one vendor one after the other, as they share its script.
 */
export class Calls {
  readonly #calls: { lane: () => object; make: () => Promise<void> }[] = [];

  add(lane: () => object, make: () => Promise<void>): void {
    this.#calls.push({ lane, make });
  }

  /** Makes them all. Never rejects for what a call throws. */
  async make(): Promise<void> {
    const lanes = Map.groupBy(this.#calls, ({ lane }) => lane());
    await Promise.all(
      [...lanes.values()].map(async (calls) => {
        for (const call of calls) await call.make();
      }),
    );
  }
}

/** Where a suite keeps what it sees. */
export interface Kept {
  sheet: Sheet;
  calls: Calls;
}

type Script = Vendor['script'];

function prepare(script: Script, weather: Weather, errorBody: (status: number) => string): void {
  const answers = (status: number) => ({
    do: 'answer' as const,
    status,
    body: errorBody(status),
    headers: { 'retry-after-ms': '1' },
  });
  const prepares: Partial<Record<Weather, () => void>> = {
    slow: () => script.add({ do: 'delay', ms: 100 }),
    refused: () => script.add(answers(400), { times: 9 }),
    busy: () => {
      script.add(answers(429));
      script.add(answers(503));
    },
    failing: () => script.add(answers(500), { times: 9 }),
    dropped: () => script.add({ do: 'drop' }),
    // After its first words: a stream that breaks off before them, some SDKs ask for again.
    broken: () => script.add({ do: 'drop_mid_stream', afterEvents: 6 }),
  };
  prepares[weather]?.();
}

/**
 * Declares one call in one weather, to be made by `Calls.make`; what comes back says, once it was made, what came of
 * it. Null: this run leaves it out.
 */
export function declared(
  call: SdkCall,
  { contract, weather }: Pick<Cell, 'contract' | 'weather'>,
  around: Around,
  kept: Kept,
): (() => Came) | null {
  const cell: Cell = { call: call.name, contract, weather };
  if (!isThorough && call.waitsIn?.includes(weather)) {
    kept.sheet.leaveOut(cell);
    return null;
  }
  const note = kept.sheet.cell(cell);
  let came: Came | null = null;
  kept.calls.add(
    () => around.vendor(contract),
    async () => {
      const { script, requests } = around.vendor(contract);
      await call.given?.(contract);
      const before = requests.length;
      prepare(script, weather, around.errorBody);
      const { value, error } = await ended(call.ask(contract));
      script.clear();
      const attempts = around.attempts(contract);
      came = { value, thrown: error, attempts, reached: requests.length - before };
      const gave = isDeepStrictEqual(value, call.gets) ? (around.well ?? 'answer') : 'another answer';
      note({ gave: error === undefined ? gave : wordsFor(error), attempts });
    },
  );
  return () => {
    if (came === null) throw new Error('the call was not made');
    return came;
  };
}

/**
 * The vendor's weather on each call under each contract: fine, slow, 4xx, 5xx that passes and that stays, a dropped
 * connection, a stream that breaks off. The SDK gives its user what it would give without a gateway in between, and
 * each of its attempts, and no other, reaches the vendor. The calls are made by `Calls.make`.
 */
export function weatherSuite(calls: readonly SdkCall[], manners: Manners, kept: Kept): void {
  const { thrown } = manners;
  for (const contract of contracts) {
    for (const call of calls) {
      const weather = (
        name: string,
        which: Weather,
        times: number,
        expected: { value: unknown } | { thrown: unknown },
      ) => {
        const came = declared(call, { contract, weather: which }, manners, kept);
        if (came === null) return;
        it(`${call.name}, ${contract}: ${name}`, () => {
          const { value, thrown: error, attempts, reached } = came();
          if ('value' in expected) expect([error, value]).toEqual([undefined, expected.value]);
          else expect(error).toMatchObject(Object(expected.thrown));
          expect([attempts, reached]).toEqual([times, times]);
        });
      };
      const well = { value: call.gets };
      weather('fine', 'fine', 1, well);
      weather('slow', 'slow', 1, well);
      weather('400 is told, and not tried again', 'refused', 1, { thrown: thrown.badRequest });
      weather('429 and 503 that pass', 'busy', 3, well);
      weather('500 that stays', 'failing', 3, { thrown: thrown.serverError });
      weather('a dropped connection', 'dropped', 2, well);
      if (call.streams === true) {
        const broken = declared(call, { contract, weather: 'broken' }, manners, kept);
        if (broken === null) continue;
        it(`${call.name}, ${contract}: a stream that breaks off is not taken for a whole one`, () => {
          const { thrown: error, attempts, reached } = broken();
          expect(error).toBeInstanceOf(Error);
          expect([attempts, reached]).toEqual([1, 1]);
        });
      }
    }
  }
}

/** How a call ended: exactly one of the two is there. */
async function ended(asked: Promise<unknown>): Promise<{ value?: unknown; error?: unknown }> {
  let timer: NodeJS.Timeout | undefined;
  const lost = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came for ${LOST_MS} ms`)), LOST_MS);
  });
  try {
    return { value: await Promise.race([asked, lost]) };
  } catch (error) {
    return { error: error ?? new Error('something empty was thrown') };
  } finally {
    clearTimeout(timer);
  }
}
