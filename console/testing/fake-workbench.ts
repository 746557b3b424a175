import type { ContractDocument } from '@drawbridge/protocol/contract';
import type { TreatmentName } from '../api/types.ts';
import type { WorkbenchFinding, WorkbenchRun, WorkbenchSample } from '../api/workbench-types.ts';
import { foundRule } from '../contract/texts.ts';
import type { Answer } from './fake-routes.ts';

/** Finds mail addresses and passwords in URLs, as far as a test needs it. */
const detectors = [
  { name: 'person.email', form: /(?<![:\w.-])[\w.]+@[\w.]+\w/g, detector: 'personal.email', why: 'form' },
  {
    name: 'secret.password',
    form: /(?<=:\/\/\w+:)[^@\s]+(?=@)/g,
    detector: 'secrets.url',
    why: 'user and password',
  },
] as const;

function findings(text: string, rules: ContractDocument): WorkbenchFinding[] {
  const level = rules.text;
  if (level === undefined || level.scan === 'off') return [];
  return detectors
    .filter(({ name }) => level.scan !== 'secrets' || name.startsWith('secret.'))
    .flatMap(({ name, form, detector, why }) =>
      [...text.matchAll(form)].map(({ 0: value, index }): WorkbenchFinding => {
        const treatment: TreatmentName = foundRule(level, name).do;
        return {
          class: name,
          confidence: 'certain',
          detector,
          why,
          treatment,
          stands: standsFor(treatment, value),
          path: 'messages[0].content',
          span: { start: index, end: index + value.length },
        };
      }),
    )
    .sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
}

function standsFor(treatment: TreatmentName, value: string): string | null {
  if (treatment === 'pass' || treatment === 'refuse') return null;
  if (treatment === 'drop') return '[removed]';
  return `[[EMAIL_${value.length.toString().padStart(8, 'A')}]]`;
}

/** What the made-up control plane says of a sample. */
export function tryOut(body: Record<string, unknown>, inForce: ContractDocument): Answer {
  const sample = body.sample as WorkbenchSample;
  const rules = (body.rules as ContractDocument | undefined) ?? inForce;
  const text = 'text' in sample ? sample.text : sample.body;
  const found = findings(text, rules);
  const refused = found.find(({ treatment }) => treatment === 'refuse');
  let crosses = '';
  let at = 0;
  for (const { span, stands } of found) {
    if (span === null || stands === null) continue;
    crosses += text.slice(at, span.start) + stands;
    at = span.end;
  }
  crosses += text.slice(at);
  const tokens = found.filter(({ treatment }) => treatment === 'tokenise').length;
  const back = { text, restored: tokens, unknown: 0, refusal: null };
  const run: WorkbenchRun = {
    method: 'POST',
    target: '/v1/chat/completions',
    read: text,
    findings: found,
    found: found.length,
    fields: [{ class: 'content.prompt', treatment: 'pass', count: 1 }],
    crosses: refused === undefined ? crosses : null,
    refusal:
      refused === undefined
        ? null
        : {
            code: 'field_refused',
            message: 'The text holds what the data contract refuses.',
            path: 'messages[0].content',
          },
    back: refused === undefined ? { plain: back, stream: back } : null,
  };
  return { status: 200, body: run };
}
