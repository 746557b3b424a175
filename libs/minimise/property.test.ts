import { type JsonNode, parse } from '@drawbridge/jsonedit';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  type ContractRules,
  compileMap,
  type FieldMap,
  FieldRefusedError,
  type Lift,
  LiftedObservations,
  minimiseDocument,
  Observations,
  type Tally,
  type Treatment,
} from './index.ts';
import { keyed } from './testing/keyed.ts';

/**
 * Documents whose every value is a marker of its own, in a JSON text with white space, escapes and repeated names, and
 * maps and contracts made at random: what the contract holds back must not be found in what leaves.
 */
const soak = process.env.DRAWBRIDGE_SOAK === '1' ? 50 : 1;
vi.setConfig({ testTimeout: soak * 30_000 });
const NAMES = ['a', 'b', 'c', '$set', 'set once', '__proto__', 'ü'];
const CLASSES = ['one', 'two', 'three'];

type Tree = { leaf: number } | { list: Tree[] } | { members: [string, Tree][] };

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record({ leaf: fc.nat(3) }),
    fc.record({ list: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ members: fc.array(fc.tuple(fc.constantFrom(...NAMES), tie('tree')), { maxLength: 4 }) }),
  ),
})).tree;

const path = fc
  .array(fc.constantFrom('a', 'b', 'c', '$set', 'set once', '*', 'a[*]', '*[*]'), {
    minLength: 1,
    maxLength: 3,
  })
  .chain((steps) => fc.boolean().map((rest) => [...steps, ...(rest ? ['**'] : [])].join('.')));

const treatment: fc.Arbitrary<Treatment> = fc.oneof(
  fc.constant<Treatment>({ do: 'pass' }),
  fc.constant<Treatment>({ do: 'drop' }),
  fc.constant<Treatment>({ do: 'pseudonymise' }),
  fc.constant<Treatment>({ do: 'pass', values: ['listed'] }),
  fc.constantFrom<Treatment>(
    { do: 'generalise', to: 'country' },
    { do: 'generalise', to: 'network' },
    { do: 'generalise', to: 'origin' },
  ),
);

const contract = fc
  .tuple(
    fc.uniqueArray(path, { maxLength: 6 }),
    fc.infiniteStream(fc.constantFrom(...CLASSES)),
    fc.tuple(treatment, treatment, treatment, treatment),
    fc.constantFrom('$', '$[*]', 'a[*]'),
  )
  .map(([paths, classes, [one, two, three, unmapped], records]): { map: FieldMap; rules: ContractRules } => ({
    map: {
      records,
      fields: paths.map((each) => ({ path: each, class: classes.next().value })),
      subjects: [],
      unmapped: 'unmapped',
    },
    rules: {
      classes: { one, two, three },
      otherwise: { do: 'drop' },
      unmapped,
      names: { do: 'pass', allowed: [] },
      properties: {},
    },
  }));

/** Writes a tree with a marker at each leaf, some of them escaped, in a list or an object of their own. */
function write(root: Tree): string {
  let markers = 0;
  const text = (value: string, escaped: boolean) =>
    escaped
      ? `"${[...value].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
      : JSON.stringify(value);
  const go = (node: Tree): string => {
    if ('list' in node) return `[ ${node.list.map(go).join(' ,')}]`;
    if ('members' in node) {
      return `{${node.members.map(([name, value]) => `${text(name, name === 'b')} : ${go(value)}`).join(',\n')}}`;
    }
    markers++;
    return node.leaf === 3 ? String(700_000 + markers) : text(`marker-${markers}-`, node.leaf === 1);
  };
  return go(root);
}

const markersIn = (text: string): string[] => {
  const plain = text.replace(/\\u([0-9a-f]{4})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return [...plain.matchAll(/marker-\d+-|7\d{5}/g)].map(([marker]) => marker).sort();
};

function minimise(text: string, map: FieldMap, rules: ContractRules) {
  const seen = new Observations(keyed, new Set());
  const out = minimiseDocument(parse(text), compileMap(map, rules, { sightingKind: 'property' }), seen, null);
  return { out, seen };
}

describe('any document under any contract', () => {
  it('keeps its bytes when all passes', () => {
    fc.assert(
      fc.property(tree, contract, (root, { map }) => {
        const pass: Treatment = { do: 'pass' };
        const rules: ContractRules = {
          classes: {},
          otherwise: pass,
          unmapped: pass,
          names: { do: 'pass', allowed: [] },
          properties: {},
        };
        const text = write(root);
        expect(minimise(text, map, rules).out).toBe(text);
      }),
      { numRuns: 300 * soak },
    );
  });

  it('leaves valid JSON whose markers are those that passed', () => {
    fc.assert(
      fc.property(tree, contract, (root, { map, rules }) => {
        const text = write(root);
        const { out } = minimise(text, map, rules);
        JSON.parse(out);
        // The same, by a slow way: each leaf asked on its own, in a document that holds nothing else.
        expect(markersIn(out)).toEqual(passing(text, map, rules));
      }),
      { numRuns: 400 * soak },
    );
  });

  it('drops nothing more when applied again, without pseudonyms', () => {
    fc.assert(
      fc.property(tree, contract, (root, { map, rules }) => {
        const classes = Object.fromEntries(
          Object.entries(rules.classes).map(([name, one]) => [
            name,
            one.do === 'pseudonymise' ? { do: 'drop' as const } : one,
          ]),
        );
        const steady = {
          ...rules,
          classes,
          unmapped: rules.unmapped.do === 'pseudonymise' ? { do: 'drop' as const } : rules.unmapped,
        };
        const once = minimise(write(root), map, steady).out;
        expect(minimise(once, map, steady).out).toBe(once);
      }),
      { numRuns: 200 * soak },
    );
  });

  it('counts every dropped marker somewhere', () => {
    fc.assert(
      fc.property(tree, contract, (root, { map, rules }) => {
        const text = write(root);
        const { out, seen } = minimise(text, map, rules);
        const changed = seen.tally().some(([, how]) => how !== 'pass');
        if (out !== text) expect(changed).toBe(true);
      }),
    );
  });
});

describe('any document under a contract that is lifted', () => {
  const refuse: Treatment = { do: 'refuse' };
  const strict = fc
    .tuple(contract, fc.boolean(), fc.boolean())
    .map(([{ map, rules }, one, unmapped]): { map: FieldMap; rules: ContractRules } => ({
      map,
      rules: {
        ...rules,
        classes: one ? { ...rules.classes, one: refuse } : rules.classes,
        unmapped: unmapped ? refuse : rules.unmapped,
      },
    }));
  const lifted = (text: string, map: FieldMap, rules: ContractRules, lift: Lift) => {
    const seen = new LiftedObservations(keyed, new Set(), lift);
    const compiled = compileMap(map, rules, { sightingKind: 'property' });
    return { out: minimiseDocument(parse(text), compiled, seen, null), seen };
  };
  /** Null: refused. */
  const enforced = (text: string, map: FieldMap, rules: ContractRules) => {
    try {
      return minimise(text, map, rules);
    } catch (error) {
      if (error instanceof FieldRefusedError) return null;
      throw error;
    }
  };
  const sorted = (rows: readonly Tally[]) => rows.map((row) => row.join(' ')).sort();
  /** The values that were treated as `done`, but for those that would not have been, and what these would have been. */
  const together = (rows: readonly Tally[], would: readonly Tally[], done: string): Tally[] => {
    const counts = new Map(rows.map(([name, how, count]) => [`${name} ${how}`, count]));
    for (const [name, how, count] of would) {
      counts.set(`${name} ${done}`, (counts.get(`${name} ${done}`) ?? 0) - count);
      counts.set(`${name} ${how}`, (counts.get(`${name} ${how}`) ?? 0) + count);
    }
    return [...counts]
      .filter(([, count]) => count !== 0)
      .map(([key, count]) => [...key.split(' '), count] as unknown as Tally);
  };

  it('keeps its bytes when all of it is, and says what the contract does', () => {
    fc.assert(
      fc.property(tree, strict, (root, { map, rules }) => {
        const text = write(root);
        const { out, seen } = lifted(text, map, rules, { what: 'all', holds: () => false });
        expect(out).toBe(text);
        expect(seen.tally().every(([, how]) => how === 'pass')).toBe(true);
        const byContract = enforced(text, map, rules);
        const would = together(seen.tally(), seen.would(), 'pass');
        if (byContract !== null) expect(sorted(would)).toEqual(sorted(byContract.seen.tally()));
        expect(would.some(([, how]) => how === 'refuse')).toBe(byContract === null);
        expect(sorted(seen.contractTally())).toEqual(sorted(would));
      }),
      { numRuns: 300 * soak },
    );
  });

  it('is minimised as if it dropped what it refuses', () => {
    fc.assert(
      fc.property(tree, strict, (root, { map, rules }) => {
        const text = write(root);
        const { out, seen } = lifted(text, map, rules, { what: 'refusals', holds: () => false });
        const instead = (treatment: Treatment): Treatment =>
          treatment.do === 'refuse' ? { do: 'drop' } : treatment;
        const dropping = minimise(text, map, {
          ...rules,
          classes: Object.fromEntries(
            Object.entries(rules.classes).map(([name, treatment]) => [name, instead(treatment)]),
          ),
          unmapped: instead(rules.unmapped),
        });
        expect(out).toBe(dropping.out);
        expect(sorted(seen.tally())).toEqual(sorted(dropping.seen.tally()));
        expect(seen.would().length > 0).toBe(enforced(text, map, rules) === null);
        expect(seen.would().every(([, how]) => how === 'refuse')).toBe(true);
      }),
      { numRuns: 300 * soak },
    );
  });

  it('keeps to the contract for the classes for which it holds', () => {
    fc.assert(
      fc.property(tree, contract, fc.constantFrom('drop', 'pseudonymise'), (root, { map, rules }, how) => {
        const held: ContractRules = { ...rules, classes: { ...rules.classes, one: { do: how } } };
        const pass: Treatment = { do: 'pass' };
        const onlyHeld: ContractRules = {
          ...rules,
          classes: { one: { do: how }, two: pass, three: pass },
          otherwise: pass,
          unmapped: pass,
        };
        const text = write(root);
        const { out } = lifted(text, map, held, { what: 'all', holds: (name) => name === 'one' });
        expect(out).toBe(minimise(text, map, onlyHeld).out);
      }),
      { numRuns: 200 * soak },
    );
    const one = { path: 'a', class: 'one' };
    const map: FieldMap = { records: '$', fields: [one], subjects: [], unmapped: 'unmapped' };
    const rules: ContractRules = {
      classes: { one: refuse },
      otherwise: { do: 'pass' },
      unmapped: { do: 'pass' },
      names: { do: 'pass', allowed: [] },
      properties: {},
    };
    for (const what of ['all', 'refusals'] as const) {
      const holding = { what, holds: (name: string) => name === 'one' };
      expect(() => lifted('{"a":"x"}', map, rules, holding)).toThrow(FieldRefusedError);
    }
  });
});

/** Which markers may cross, by a matcher that knows nothing of automata: all rules tried on each leaf's path. */
function passing(text: string, map: FieldMap, rules: ContractRules): string[] {
  const { root } = parse(text);
  const out: string[] = [];
  const treatmentAt = (steps: string[] | null): Treatment => {
    const best = steps === null ? null : mostLiteral(map, steps);
    return best === null ? rules.unmapped : (rules.classes[best] ?? rules.otherwise);
  };
  /** `steps`: within a record; null: outside of all. */
  const leaves = (node: JsonNode, steps: string[] | null): void => {
    for (const member of node.members ?? []) leaves(member.value, steps && [...steps, `.${member.name}`]);
    for (const element of node.elements ?? []) leaves(element, steps && [...steps, '[]']);
    if (node.members !== null || node.elements !== null) return;
    const found = treatmentAt(steps);
    if (found.do === 'pass' && found.values === undefined)
      out.push(...markersIn(text.slice(node.start, node.end)));
  };
  const elements = (node: JsonNode): void => {
    for (const element of node.elements ?? [node]) leaves(element, []);
  };
  if (map.records === '$') leaves(root, []);
  else if (map.records === '$[*]') elements(root);
  else {
    if (root.members === null) leaves(root, null);
    for (const member of root.members ?? []) {
      if (member.name === 'a') elements(member.value);
      else leaves(member.value, null);
    }
  }
  return out.sort();
}

/** The class of the rule that matches a prefix of the path most literally, step by step; a longer one wins. */
function mostLiteral(map: FieldMap, steps: string[]): string | null {
  let best: { score: string; class: string } | null = null;
  for (const rule of map.fields) {
    const pattern = rule.path.split('.').flatMap((part): string[] => {
      const name = part.replaceAll('[*]', '');
      return [`.${name}`, ...new Array<string>(part.length > name.length ? 1 : 0).fill('[]')];
    });
    const isRest = pattern.at(-1) === '.**';
    const fixed = isRest ? pattern.slice(0, -1) : pattern;
    if (fixed.length > steps.length || (isRest && fixed.length === steps.length)) continue;
    let score = '';
    for (const [index, want] of fixed.entries()) {
      const have = steps[index] ?? '';
      if (want === '.*' && have.startsWith('.')) score += '2';
      else if (want === have) score += '3';
      else score += 'x';
    }
    if (score.includes('x')) continue;
    // Below the rule: named here by `**` (1), or only held by what contains it (0).
    score += fixed.length === steps.length ? '' : isRest ? '1' : '0';
    if (best === null || score > best.score) best = { score, class: rule.class };
  }
  return best?.class ?? null;
}
