import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileScanner, ScanRuleError } from './index.ts';
import type { CustomDetector } from './types.ts';

const detector = (given: Partial<CustomDetector> = {}): CustomDetector => ({
  id: 'employee',
  class: 'custom.match',
  pattern: 'EMP-\\d{6}',
  confidence: 'likely',
  ...given,
});
const compile = (...custom: CustomDetector[]) => compileScanner({ rules: [], custom });
function refusal(given: Partial<CustomDetector>): ScanRuleError {
  try {
    compile(detector(given));
  } catch (error) {
    if (error instanceof ScanRuleError) return error;
    throw error;
  }
  throw new Error('the pattern was taken');
}

describe('a pattern that can not be taken is refused with its field', () => {
  test.each([
    ['a(b', 'bad_pattern', 'at character 1: missing closing )'],
    ['EMP-[z-a]', 'bad_pattern', 'at character 6: invalid character class range'],
    ['x{2,1}', 'bad_pattern', 'at character 2: invalid repeat count'],
    ['id (?=x)', 'not_linear', 'at character 4:'],
    ['(a)\\1', 'not_linear', 'at character 4: invalid escape sequence'],
    ['a{2000}', 'not_linear', 'at character 2: invalid repeat count'],
    ['(?:a{1,30}b{1,30}){30}', 'not_linear', 'make repeats smaller'],
    ['a*', 'bad_pattern', 'matches the empty text'],
    ['', 'bad_pattern', 'matches the empty text'],
  ])('%s', (pattern, code, words) => {
    const error = refusal({ pattern });
    expect([error.code, error.field]).toEqual([code, 'custom[0].pattern']);
    expect(error.message).toContain(words);
  });

  test('flags other than i', () => {
    for (const flags of ['g', 'ii', 'I'])
      expect(refusal({ flags })).toMatchObject({ code: 'bad_pattern', field: 'custom[0].flags' });
  });

  test('examples that it does not find, or finds, each by its place', () => {
    expect(refusal({ examples: { finds: ['EMP-123456', 'emp-123456'], passes: [] } })).toMatchObject({
      code: 'bad_example',
      field: 'custom[0].examples.finds[1]',
    });
    expect(refusal({ examples: { finds: [], passes: ['none', 'an EMP-123456'] } })).toMatchObject({
      code: 'bad_example',
      field: 'custom[0].examples.passes[1]',
    });
  });

  test('an id that is there twice', () => {
    expect(() => compile(detector(), detector())).toThrow(
      expect.objectContaining({ code: 'duplicate_id', field: 'custom[1].id' }),
    );
  });
});

test('a pattern is found with its class, id and confidence, in any case with i', () => {
  const find = {
    class: 'custom.match',
    detector: 'custom.employee',
    confidence: 'likely',
    start: 3,
    end: 13,
  };
  expect(compile(detector()).scan('of EMP-123456.')).toMatchObject([find]);
  expect(compile(detector({ flags: 'i' })).scan('of emp-123456.')).toMatchObject([find]);
  expect(compile(detector()).scan('of emp-123456.')).toEqual([]);
});

test('any pattern is taken or refused with its field, and what is taken ends', () => {
  const part = fc.constantFrom(
    'a',
    '.',
    '\\d',
    '[a-z]',
    '(',
    ')',
    '|',
    '*',
    '+',
    '?',
    '{2}',
    '{9,99}',
    '(?:',
    '^',
    '$',
    '\\b',
    '\\p{L}',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      try {
        compile(detector({ pattern: parts.join('') })).scan(`${'aaaa1 '.repeat(300)}!`, { maxWork: 1e6 });
      } catch (error) {
        expect(error).toBeInstanceOf(ScanRuleError);
        expect((error as ScanRuleError).field).toBe('custom[0].pattern');
      }
    }),
    { numRuns: 150 },
  );
});
