import { FieldClassSchema } from '@drawbridge/protocol';
import type { Expects, WorkbenchRunView } from './schemas.ts';

/** What becomes of a sample, as what is expected of it from now on. */
export function expectsOf(run: WorkbenchRunView): Expects {
  const treatments = new Map<string, Expects['treatments'][number]>();
  for (const { class: name, treatment } of run.findings) {
    const known = FieldClassSchema.safeParse(name);
    if (known.success) treatments.set(name, { class: known.data, treatment });
  }
  const hidden = run.findings.flatMap(({ span, treatment }) =>
    span === null || run.read === null || treatment === 'pass' ? [] : [run.read.slice(span.start, span.end)],
  );
  const passed = new Set(
    run.findings.flatMap(({ span, treatment }) =>
      span !== null && run.read !== null && treatment === 'pass'
        ? [run.read.slice(span.start, span.end)]
        : [],
    ),
  );
  return {
    refused: run.refusal?.code ?? null,
    treatments: [...treatments.values()],
    never: [...new Set(hidden)].filter((text) => !passed.has(text) && text.length <= 200).slice(0, 50),
  };
}

/** In which ways what became of a sample is not as it should be, in sentences; none: it passed. */
export function problemsOf(expects: Expects, run: WorkbenchRunView): string[] {
  const problems: string[] = [];
  const code = run.refusal?.code ?? null;
  if (expects.refused !== null && code === null) {
    problems.push(`It crosses, and should be refused (${expects.refused}).`);
  } else if (expects.refused === null && code !== null) {
    problems.push(`It is refused (${code}), and should cross.`);
  } else if (expects.refused !== code) {
    problems.push(`It is refused (${code}), and should be refused for something else (${expects.refused}).`);
  }
  for (const { class: name, treatment } of expects.treatments) {
    const found = run.findings.filter((finding) => finding.class === name);
    const others = new Set(found.map((finding) => finding.treatment).filter((one) => one !== treatment));
    if (found.length === 0) problems.push(`${name} is not found, and should be (${treatment}).`);
    else if (others.size > 0)
      problems.push(`${name}: ${[...others].join(', ')}, and should be ${treatment}.`);
  }
  for (const [at, text] of expects.never.entries()) {
    if (holds(run.crosses, text)) problems.push(`Text ${at + 1} of those that never cross crosses.`);
  }
  return problems;
}

/** As it is, or as JSON writes it. */
function holds(crosses: string | null, text: string): boolean {
  if (crosses === null) return false;
  return crosses.includes(text) || crosses.includes(JSON.stringify(text).slice(1, -1));
}
