import type { ContractDocument } from '@drawbridge/protocol/contract';
import type { TreatmentName } from '../api/types.ts';
import type {
  ContractTest,
  WorkbenchFinding,
  WorkbenchRun,
  WorkbenchSample,
} from '../api/workbench-types.ts';
import { foundRule } from '../contract/texts.ts';
import type { Answer, Asked } from './fake-routes.ts';
import type { World } from './fake-world.ts';

/** Finds mail addresses and passwords in URLs, as far as a test needs it. */
const detectors = [
  { name: 'person.email', form: /(?<![:\w.-])[\w.]+@[\w.]+\w/g, detector: 'personal.email', why: 'form' },
  {
    name: 'secret.api_key',
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

/** What is asked of the workbench and the tests of a connection; null: something else. */
export function fakeWorkbench(
  world: World,
  { method, body }: Asked,
  connection: string,
  rest: string,
  inForce: ContractDocument | undefined,
): Answer | null {
  if (inForce === undefined) return null;
  const given = (body ?? {}) as Record<string, unknown>;
  const tests = world.contractTests.get(connection) ?? [];
  switch (`${method} ${rest}`) {
    case 'POST workbench':
      return { status: 200, body: tryOut(given, inForce) };
    case 'GET contract-tests':
      return { status: 200, body: { items: tests } };
    case 'POST contract-tests/prepare': {
      const sample = given.sample as WorkbenchSample;
      const anew = (text: string): string => text.replaceAll(detectors[0].form, 'person1@example.com');
      const made = 'text' in sample ? { ...sample, text: anew(sample.text) } : sample;
      const { findings: found } = tryOut({ ...given, sample: made }, inForce);
      const treatments = [...new Map(found.map((one) => [one.class, one])).values()];
      return {
        status: 200,
        body: {
          sample: made,
          replaced: found.length,
          lost: 0,
          left: [],
          expects: {
            refused: null,
            treatments: treatments.map(({ class: name, treatment }) => ({ class: name, treatment })),
            never: ['person1@example.com'],
          },
        },
      };
    }
    case 'POST contract-tests': {
      const test = { ...given, id: `test_${tests.length + 1}` } as ContractTest;
      world.contractTests.set(connection, [...tests, test]);
      return { status: 201, body: test };
    }
    case 'POST contract-tests/run': {
      const items = tests.map(({ id, name, sample, expects }) => {
        const run = tryOut({ ...given, sample }, inForce);
        const problems = expects.treatments.flatMap((one) =>
          run.findings.some((found) => found.class === one.class && found.treatment === one.treatment)
            ? []
            : [`${one.class} should be ${one.treatment}.`],
        );
        return { id, name, passed: problems.length === 0, problems };
      });
      return { status: 200, body: { items, failed: items.filter(({ passed }) => !passed).length } };
    }
    default:
      return null;
  }
}

/** What the made-up control plane says of a sample. */
function tryOut(body: Record<string, unknown>, inForce: ContractDocument): WorkbenchRun {
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
  return {
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
}
