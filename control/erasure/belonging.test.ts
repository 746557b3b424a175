import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { belongingTo, type LinkedIdentifier } from './belonging.ts';

const kinds: Record<string, string | null> = { u: 'user', e: 'email', d: 'device', x: null };
/** `u1` is a user id, `e1` an address, `d1` a device, `x1` was only seen beside others. */
const named = (pseudonym: string): LinkedIdentifier => ({
  pseudonym,
  kind: kinds[pseudonym[0] ?? ''] ?? null,
});
function belonging(asked: string, links: string) {
  const pairs = links.split(' ').map((link): [string, string] => {
    const [a = '', b = ''] = link.split('-');
    return [a, b];
  });
  const all = [...new Set([asked, ...pairs.flat()])].sort();
  return belongingTo(asked, all.map(named), pairs);
}

describe('what goes with an identifier', () => {
  test.each<[string, string, string[], string[]]>([
    // asked, links, together, shared
    ['u1', 'u1-e1 u1-d1', ['d1', 'e1', 'u1'], []],
    ['e1', 'u1-e1 u1-d1', ['d1', 'e1', 'u1'], []],
    ['d1', 'u1-d1 u1-e1', ['d1', 'e1', 'u1'], []],
    ['u1', 'u1-d1 u2-d1', ['u1'], ['d1']],
    ['d1', 'u1-d1 u2-d1', ['d1'], ['u1', 'u2']],
    ['u1', 'u1-e1 u2-e1', ['u1'], ['e1']],
    ['u1', 'u1-u2 u2-d1', ['d1', 'u1', 'u2'], []],
    ['e1', 'e1-d1 e2-d1', ['e1'], ['d1']],
    ['u1', 'u1-e1 u1-e2 e1-d1 e2-d1', ['d1', 'e1', 'e2', 'u1'], []],
    // anonymous devices that lead from one person to another belong to neither
    ['u1', 'u1-d1 d1-d2 d2-d3 d3-u2', ['d1', 'u1'], ['d2']],
    ['u1', 'u1-d1 d1-d2', ['d1', 'd2', 'u1'], []],
    ['d1', 'd1-d2 d2-x1', ['d1', 'd2', 'x1'], []],
    ['u1', 'u1-x1 u2-x1', ['u1'], ['x1']],
    ['u9', '', ['u9'], []],
  ])('%s, linked as %s', (asked, links, together, shared) => {
    expect(belonging(asked, links)).toEqual({ together, shared });
  });

  test('nobody else’s user id, whatever is shared, and the same from each of them', () => {
    const one = fc
      .tuple(fc.constantFrom('u', 'e', 'd', 'x'), fc.integer({ min: 1, max: 4 }))
      .map((p) => p.join(''));
    fc.assert(
      fc.property(fc.array(fc.tuple(one, one), { maxLength: 20 }), one, (links, asked) => {
        const all = [...new Set([asked, ...links.flat()])].sort().map(named);
        const { together, shared } = belongingTo(asked, all, links);
        expect(together).toContain(asked);
        // User ids go together only over links among user ids.
        const users = new Set([asked]);
        for (const user of users) {
          for (const [a, b] of links) {
            if (a === user && b[0] === 'u') users.add(b);
            if (b === user && a[0] === 'u') users.add(a);
          }
        }
        if (asked[0] === 'u')
          expect(together.filter((p) => p[0] === 'u').every((p) => users.has(p))).toBe(true);
        for (const other of together) expect(belongingTo(other, all, links).together).toEqual(together);
        expect(shared.filter((p) => together.includes(p))).toEqual([]);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
