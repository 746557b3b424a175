import { expect, it } from 'vitest';
import { type Contract, contracts, type Vendor } from './ai-world.ts';

/** One call of an SDK, as an app makes it. */
export interface SdkCall {
  name: string;
  /** Makes the call and resolves with what the app gets, streams read to their end. */
  ask(contract: Contract): Promise<unknown>;
  /** What the app gets when all is well. */
  gets: unknown;
  streams?: boolean;
}

/** How an SDK takes what the vendor does. */
export interface Manners {
  vendor(contract: Contract): Pick<Vendor, 'requests' | 'script'>;
  /** Requests that the SDK has made since the last call began. */
  attempts(): number;
  /** The vendor's error, in the vendor's shape. */
  errorBody(status: number): string;
  /** What the app is thrown. */
  thrown: { badRequest: unknown; serverError: unknown };
  /** How often the SDK asks in all, when it is told to come again, and when the connection breaks. */
  tries: { again: number; broken: number };
}

/**
 * The vendor's weather on each call under each contract: fine, slow, 4xx, 5xx that passes and that stays, a dropped
 * connection, a stream that breaks off. The SDK gives its user what it would give without a gateway in between, and
 * each of its attempts, and no other, reaches the vendor.
 */
export function weatherSuite(calls: readonly SdkCall[], manners: Manners): void {
  const cases = contracts.flatMap((contract) => calls.map((call) => ({ contract, ...call })));
  const { thrown, tries } = manners;
  const script = (contract: Contract) => manners.vendor(contract).script;
  /** `[attempts of the SDK, requests at the vendor]` while `work` runs. */
  const counted = async (contract: Contract, work: () => Promise<unknown>): Promise<[number, number]> => {
    const { requests } = manners.vendor(contract);
    const before = requests.length;
    try {
      await work();
    } finally {
      script(contract).clear();
    }
    return [manners.attempts(), requests.length - before];
  };
  const answers = (status: number) => ({
    do: 'answer' as const,
    status,
    body: manners.errorBody(status),
    headers: { 'retry-after-ms': '1' },
  });

  it.each(cases)('$name, $contract: fine', async ({ contract, ask, gets }) => {
    expect(await counted(contract, async () => expect(await ask(contract)).toEqual(gets))).toEqual([1, 1]);
  });

  it.each(cases)('$name, $contract: slow', async ({ contract, ask, gets }) => {
    script(contract).add({ do: 'delay', ms: 100 });
    expect(await counted(contract, async () => expect(await ask(contract)).toEqual(gets))).toEqual([1, 1]);
  });

  it.each(cases)('$name, $contract: 400 is told, and not tried again', async ({ contract, ask }) => {
    script(contract).add(answers(400), { times: 9 });
    const asked = () => expect(ask(contract)).rejects.toMatchObject(Object(thrown.badRequest));
    expect(await counted(contract, asked)).toEqual([1, 1]);
  });

  it.runIf(tries.again > 1).each(cases)(
    '$name, $contract: 429 and 503 that pass',
    async ({ contract, ask, gets }) => {
      script(contract).add(answers(429));
      if (tries.again > 2) script(contract).add(answers(503));
      const times = Math.min(tries.again, 3);
      const asked = async () => expect(await ask(contract)).toEqual(gets);
      expect(await counted(contract, asked)).toEqual([times, times]);
    },
  );

  it.each(cases)('$name, $contract: 500 that stays', async ({ contract, ask }) => {
    script(contract).add(answers(500), { times: 9 });
    const asked = () => expect(ask(contract)).rejects.toMatchObject(Object(thrown.serverError));
    expect(await counted(contract, asked)).toEqual([tries.again, tries.again]);
  });

  it.each(cases)('$name, $contract: a dropped connection', async ({ contract, ask, gets }) => {
    script(contract).add({ do: 'drop' });
    const asked = async () => {
      if (tries.broken > 1) expect(await ask(contract)).toEqual(gets);
      else await expect(ask(contract)).rejects.toThrow();
    };
    const times = Math.min(tries.broken, 2);
    expect(await counted(contract, asked)).toEqual([times, times]);
  });

  it.each(cases.filter((one) => one.streams === true))(
    '$name, $contract: a stream that breaks off is not taken for a whole one',
    async ({ contract, ask }) => {
      // After its first words: a stream that breaks off before them, some SDKs ask for again.
      script(contract).add({ do: 'drop_mid_stream', afterEvents: 6 });
      expect(await counted(contract, () => expect(ask(contract)).rejects.toThrow())).toEqual([1, 1]);
    },
  );
}
