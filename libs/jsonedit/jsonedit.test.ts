import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Edit, edit, JsonEditError, type JsonNode, parse, stringValue, toValue } from './index.ts';

const soak = process.env.DRAWBRIDGE_SOAK === '1' ? 50 : 1;
vi.setConfig({ testTimeout: soak * 30_000 });

/** JSON text with the freedom that JSON has: white space, escapes, repeated names, numbers in odd forms. */
const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; string: string; space: string }>((tie) => ({
  space: fc.constantFrom('', '', '', ' ', '\n', '\t \r\n'),
  string: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)),
    fc.constantFrom('"\\u0061"', '"\\ud800"', '"\\/"', '"__proto__"', '"a"', '"a"', '"toString"', '""'),
  ),
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    tie('string'),
    fc.constantFrom(
      'null',
      'true',
      'false',
      '-0',
      '0',
      '1e5',
      '1E-7',
      '123456789012345678901234567890',
      '1e999',
      '0.10',
    ),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
    fc
      .array(fc.tuple(tie('value'), tie('space')), { maxLength: 5 })
      .map((items) => `[${items.map(([value, space]) => space + value + space).join(',')} ]`),
    fc
      .array(fc.tuple(tie('string'), tie('value'), tie('space')), { maxLength: 5 })
      .map(
        (items) =>
          `{${items.map(([name, value, space]) => `${space}${name}${space}:${space}${value}`).join(',')}\n}`,
      ),
  ),
})).value;

function nodes(node: JsonNode): JsonNode[] {
  if (node.members !== null) return [node, ...node.members.flatMap((member) => nodes(member.value))];
  if (node.elements !== null) return [node, ...node.elements.flatMap(nodes)];
  return [node];
}

describe('parse', () => {
  it('gives the value that JSON.parse gives', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const document = parse(text);
        expect(toValue(document.text, document.root)).toEqual(JSON.parse(text));
      }),
      { numRuns: 400 * soak },
    );
  });

  it('reads long strings as JSON.parse does, whatever stands in them and wherever they break', () => {
    const run = fc
      .tuple(fc.constantFrom('a', 'ä', '€', ' ', '😀'), fc.integer({ min: 0, max: 200 }))
      .map(([unit, times]) => unit.repeat(times));
    const piece = fc.oneof(
      { weight: 3, arbitrary: run },
      fc.constantFrom(
        '\\"',
        '\\\\',
        '\\n',
        '\\u00e4',
        '\\',
        '\\x',
        '\u0000',
        '\n',
        '\u001f',
        '\u007f',
        '"',
        '","',
        '":"',
      ),
    );
    const text = fc
      .array(fc.array(piece, { maxLength: 8 }), { minLength: 1, maxLength: 3 })
      .map((strings) => `["${strings.map((pieces) => pieces.join('')).join('","')}"]`);
    const read = <Value>(reader: () => Value): { value: Value } | 'refused' => {
      try {
        return { value: reader() };
      } catch {
        return 'refused';
      }
    };
    fc.assert(
      fc.property(text, (given) => {
        const mine = read(() => parse(given));
        const theirs = read(() => JSON.parse(given));
        if (mine === 'refused' || theirs === 'refused') expect(mine).toBe(theirs);
        else expect(toValue(mine.value.text, mine.value.root)).toEqual(theirs.value);
      }),
      { numRuns: 1_000 * soak },
    );
  });

  it('accepts what JSON.parse accepts and refuses what it refuses', () => {
    const nearly = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'{}[]:,"\\ue0123-+.truefalsn \n\u0001\ufeff'), maxLength: 14 }),
      fc
        .tuple(jsonText, fc.nat(), fc.constantFrom('', ',', '"', '}', '\\', '0', ' ', '\u2028'))
        .map(([text, at, put]) => {
          const where = at % (text.length + 1);
          return text.slice(0, where) + put + text.slice(where + 1);
        }),
    );
    fc.assert(
      fc.property(nearly, (text) => {
        let expected: unknown;
        let refused = false;
        try {
          expected = JSON.parse(text);
        } catch {
          refused = true;
        }
        if (refused) expect(() => parse(text)).toThrow(JsonEditError);
        else {
          const document = parse(text);
          expect(toValue(document.text, document.root)).toEqual(expected);
        }
      }),
      { numRuns: 2000 * soak },
    );
  });

  it('sees every member of a repeated name, and names as they mean', () => {
    const { root } = parse('{"a":1,"\\u0061":2,"__proto__":3}');
    expect(root.members?.map((member) => member.name)).toEqual(['a', 'a', '__proto__']);
  });

  it('takes names for what they are in lists of objects that resemble each other', () => {
    const text =
      '[{"a":1,"b":2},{"a":1,"bc":2},{"a\\"b":1,"":0},{"a":1,"b":2,"c":3},{"a\\"b":2},{"\\u0061":1}]';
    const document = parse(text);
    expect(toValue(text, document.root)).toEqual(JSON.parse(text));
    expect(() => parse('[{"a\\u0022b":1},{"a"b":1}]')).toThrow(JsonEditError);
  });

  it('gives __proto__ as a member of its own', () => {
    const { text, root } = parse('{"__proto__":{"polluted":true}}');
    expect(Object.keys(toValue(text, root) as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(toValue(text, root))).toBe(Object.prototype);
  });

  it.each([
    ['{"a":}', 'syntax', 5],
    ['[1,]', 'syntax', 3],
    ['[1', 'syntax', 2],
    ['"a', 'syntax', 2],
    ['"\\x"', 'syntax', 2],
    ['"\\u12g4"', 'syntax', 5],
    ['01', 'syntax', 1],
    ['1 2', 'syntax', 2],
    ['\ufeff{}', 'syntax', 0],
    ['nul', 'syntax', 3],
    ['"\n"', 'syntax', 1],
    ['', 'syntax', 0],
  ])('refuses %j with its place', (text, code, offset) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code, offset }));
  });

  it('refuses bytes that are not UTF-8', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc0, 0xaf, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
    ]) {
      expect(() => parse(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'not_utf8' }));
    }
  });

  it('bounds depth and number of values', () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(nodes(parse(deep(64)).root)).toHaveLength(64);
    expect(() => parse(deep(65))).toThrow(expect.objectContaining({ code: 'too_deep', offset: 64 }));
    expect(() => parse('['.repeat(1_000_000))).toThrow(expect.objectContaining({ code: 'too_deep' }));
    expect(() => parse('[1,2,3]', { maxNodes: 3 })).toThrow(
      expect.objectContaining({ code: 'too_many_nodes' }),
    );
    expect(nodes(parse('[1,2,3]', { maxNodes: 4 }).root)).toHaveLength(4);
  });

  it('reads what is complete of a prefix', () => {
    fc.assert(
      fc.property(jsonText, fc.nat(), (text, at) => {
        const whole = `{"head":"h","rest":${text}}`;
        const cutAt = '{"head":"h",'.length + (at % (text.length + 8));
        const document = parse(whole.slice(0, cutAt), { prefix: true });
        expect(document.cut).toBe(cutAt < whole.length);
        const head = document.root.members?.[0];
        expect(head && stringValue(document.text, head.value)).toBe('h');
      }),
    );
    expect(parse('[1,23', { prefix: true }).root.elements).toHaveLength(1);
    expect(() => parse('[1,,', { prefix: true })).toThrow(JsonEditError);
  });
});

describe('edit', () => {
  it('without edits gives the same text', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(edit(parse(text), [])).toBe(text);
      }),
    );
  });

  it('does to the text what the same edits do to the value', () => {
    fc.assert(
      fc.property(jsonText, fc.infiniteStream(fc.nat(9)), (text, dice) => {
        const document = parse(text);
        const edits: Edit[] = [];
        const model = (node: JsonNode): unknown => {
          const roll = dice.next().value;
          if (roll === 0) {
            edits.push({ do: 'replace', node, json: '"new"' });
            return 'new';
          }
          if (node.elements !== null) {
            return node.elements.flatMap((element, index) => {
              const value = model(element);
              if (dice.next().value > 2) return [value];
              edits.push({ do: 'remove', from: node, index });
              return [];
            });
          }
          if (node.members !== null) {
            const entries = node.members.flatMap((member, index): [string, unknown][] => {
              const value = model(member.value);
              if (dice.next().value > 2) return [[member.name, value]];
              edits.push({ do: 'remove', from: node, index });
              return [];
            });
            return Object.fromEntries(entries);
          }
          return JSON.parse(document.text.slice(node.start, node.end));
        };
        const expected = model(document.root);
        const edited = edit(document, edits);
        const reparsed = parse(edited);
        expect(toValue(edited, reparsed.root)).toEqual(expected);
      }),
      { numRuns: 400 * soak },
    );
  });

  it('leaves every other byte as it was', () => {
    const document = parse('{ "a" : 1.50 ,\n "b" : [ 1 , 2 , 3 ] , "c":"\\u00e4" }');
    const [a, b] = document.root.members ?? [];
    if (a === undefined || b?.value.kind !== 'array' || document.root.kind !== 'object')
      throw new Error('test data');
    expect(edit(document, [{ do: 'remove', from: document.root, index: 0 }])).toBe(
      '{ "b" : [ 1 , 2 , 3 ] , "c":"\\u00e4" }',
    );
    expect(
      edit(document, [
        { do: 'remove', from: b.value, index: 2 },
        { do: 'remove', from: b.value, index: 0 },
        { do: 'replace', node: a.value, json: 'null' },
      ]),
    ).toBe('{ "a" : null ,\n "b" : [ 2 ] , "c":"\\u00e4" }');
  });

  it('refuses two replacements of one value, and an index that is not there', () => {
    const document = parse('[1]');
    const { root } = document;
    if (root.kind !== 'array') throw new Error('test data');
    const twice: Edit[] = [
      { do: 'replace', node: root, json: '1' },
      { do: 'replace', node: root, json: '2' },
    ];
    expect(() => edit(document, twice)).toThrow(expect.objectContaining({ code: 'edit_overlap' }));
    expect(() => edit(document, [{ do: 'remove', from: root, index: 1 }])).toThrow(
      expect.objectContaining({ code: 'unknown_member' }),
    );
  });
});
