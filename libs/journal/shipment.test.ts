import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame, frameKinds, markFrame } from './frames.ts';
import { memory, open } from './harness.ts';
import { decodeShipment, readFrames, ShipmentError } from './index.ts';

const bytes = (text: string) => Buffer.from(text);

async function shipment(): Promise<Buffer> {
  const journal = await open(memory());
  await journal.append(bytes('{"a":1}'), bytes('payload a'));
  await Promise.all([
    journal.append(bytes('{"b":2}'), null),
    journal.append(bytes('{"c":3}'), bytes('payload c')),
  ]);
  const batch = await journal.readBatch(1, 10_000);
  return batch?.bytes ?? Buffer.alloc(0);
}

const codeOf = (attempt: () => unknown): string => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ShipmentError) return error.code;
    throw error;
  }
  return 'none';
};

describe('decodeShipment', () => {
  it('gives header, indices and verbatim bytes, from the middle of a segment too', async () => {
    const { header, entries } = decodeShipment(await shipment());
    expect(header).toMatchObject({ format: 'drawbridge.journal/1', first: 0, segment: 1 });
    expect(entries.map(({ index, entry }) => [index, entry.toString()])).toEqual([
      [1, '{"b":2}'],
      [2, '{"c":3}'],
    ]);
    expect(entries.map(({ payload }) => payload?.length ?? null)).toEqual([null, 9 + 28]);
  });

  it('seals each payload of a segment under another nonce', async () => {
    const journal = await open(memory());
    for (let at = 0; at < 20; at++) await journal.append(bytes('e'), bytes('the same payload'));
    const nonces = new Set<string>();
    for (let next = 0; next < 20; ) {
      const batch = await journal.readBatch(next, 500);
      if (!batch) break;
      for (const { payload } of decodeShipment(batch.bytes).entries) {
        nonces.add(payload?.subarray(0, 12).toString('hex') ?? '');
      }
      next = batch.next;
    }
    expect(nonces.size).toBe(20);
  });

  it('any changed byte, and any cut, is refused or leaves whole entries only', async () => {
    const good = await shipment();
    const before = decodeShipment(good).entries.map(({ entry }) => entry.toString());
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        (at, flip, cut) => {
          const changed = cut ? good.subarray(0, at) : Buffer.from(good);
          if (!cut) changed[at] = (changed[at] ?? 0) ^ flip;
          try {
            const entries = decodeShipment(changed).entries.map(({ entry }) => entry.toString());
            expect(before.slice(0, entries.length)).toEqual(entries);
            expect(cut).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(ShipmentError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never throws anything else, whatever it is given', () => {
    const kind = fc.constantFrom(1, 2, 3, 4, 5, 6) as fc.Arbitrary<1 | 2 | 3 | 4 | 5 | 6>;
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.tuple(kind, fc.uint8Array({ maxLength: 40 })).map(([kind, body]) => frame(kind, body)),
      fc.json().map((text) => frame(frameKinds.header, bytes(text))),
      fc.nat().map((index) => markFrame(index)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const given = Buffer.concat(pieces);
        expect(codeOf(() => decodeShipment(given))).toMatch(
          /^(none|too_large|not_a_shipment|bad_frame|unknown_format)$/,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('says what is wrong, and where', async () => {
    const good = await shipment();
    const header = good.subarray(0, [...readFrames(good)][0]?.end);
    const later = frame(frameKinds.header, bytes('{"format":"drawbridge.journal/9"}'));
    expect(codeOf(() => decodeShipment(good, 100))).toBe('too_large');
    expect(codeOf(() => decodeShipment(Buffer.alloc(0)))).toBe('bad_frame');
    expect(codeOf(() => decodeShipment(later))).toBe('unknown_format');
    expect(codeOf(() => decodeShipment(Buffer.concat([header, frame(frameKinds.entry, bytes('x'))])))).toBe(
      'not_a_shipment',
    );
    expect(() => decodeShipment(good.subarray(0, -1))).toThrow(`at byte ${good.length - 37 - 9 - 7 - 9}`);
  });
});

describe('readFrames', () => {
  it('reads on from where the bytes ended, cut wherever they may be', async () => {
    const whole = await shipment();
    const all = [...readFrames(whole)].map(({ kind, start }) => [kind, start]);
    for (let cut = 0; cut < whole.length; cut++) {
      const seen: number[][] = [];
      const take = (upTo: number, from: number): number => {
        const reader = readFrames(whole.subarray(0, upTo), from);
        let step = reader.next();
        while (!step.done) {
          seen.push([step.value.kind, step.value.start]);
          step = reader.next();
        }
        return step.value.end;
      };
      take(whole.length, take(cut, 0));
      expect(seen).toEqual(all);
    }
  });
});
