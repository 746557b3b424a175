/**
 * Subjects of workload tokens, as an entry says which it trusts: `repo:octo-org/app:ref:refs/heads/*`,
 * `system:serviceaccount:payments:*`. Segments stand between `:` and `/`; `*` stands for any characters of one segment and
 * never for a `:` or `/`, and the first two segments are written out: issuers such as GitHub's are everybody's, and whose
 * tokens are meant stands at the front.
 */
const LONGEST = 300;
const WRITTEN_OUT = 2;
const SEPARATORS = /[:/]/;

/** Why it is no pattern, to stand after the name of a field; null: it is one. */
export function wrongPattern(pattern: string): string | null {
  if (pattern.length === 0 || pattern.length > LONGEST) return `has 1 to ${LONGEST} characters`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  if (/[\s\u0000-\u001f\u007f]/.test(pattern)) return 'holds no spaces and no control characters';
  const segments = pattern.split(SEPARATORS);
  const early = segments.slice(0, WRITTEN_OUT).find((segment) => segment.includes('*'));
  if (early === undefined) return null;
  return 'needs its first two segments (between ":" and "/") written out: whose tokens are meant stands there, and the issuer may be everybody’s';
}

/** Whether a subject is one that the pattern means. Work is bounded by the product of both lengths. */
export function matchesSubject(pattern: string, subject: string): boolean {
  if (subject.length > 4 * LONGEST) return false;
  const [wanted, given] = [parts(pattern), parts(subject)];
  return (
    wanted.length === given.length && wanted.every((part, index) => matchesPart(part, given[index] ?? ''))
  );
}

/** Segments and the separators between them, in order. */
const parts = (text: string): string[] => text.split(/([:/])/);

/** One segment: pieces between stars, found from left to right; the last must end it. */
function matchesPart(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
