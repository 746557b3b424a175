import { createHmac, randomBytes } from 'node:crypto';
import type { ContractDocument, Service } from '@drawbridge/protocol';
import type { Fields, Incoming, Minimised } from '../crossing.ts';
import { DRY_APP, type DryKeys, type DryRequest, type DryScan, liveOf, prepare } from '../dry-run.ts';
import { inspect } from '../inspect/index.ts';
import { minimise } from '../minimise/index.ts';
import type { Lifted } from '../mode.ts';
import { Refusal } from '../refusal/index.ts';
import { answersTo, type ComesBack } from './answer.ts';
import { Recorder, type WorkbenchFinding } from './findings.ts';
import { placed, type TextRequest } from './text.ts';

export interface WorkbenchTry {
  service: Service;
  rules: ContractDocument;
  scan: DryScan;
  /** A request as an app sends it, or a text that is put into an endpoint's sample. */
  request: DryRequest | TextRequest;
}

/** What became of a request. It holds the text that was tried, and is for whoever gave it. */
export interface WorkbenchRun {
  method: string;
  target: string;
  /** What the spans of findings are of; null where the body could not be read. */
  read: string | null;
  findings: WorkbenchFinding[];
  /** How many there are, if more than are told. */
  found: number;
  /** Field class, treatment, count, over all of the request; where it is refused, as far as it came. */
  fields: Fields;
  /** What the vendor would get; null where it is refused. For a text: the text. */
  crosses: string | null;
  refusal: { code: string; message: string; path: string | null } | null;
  /** What a vendor's answer that repeats the texts would come back as; null where nothing crosses, or no text was looked through. */
  back: { plain: ComesBack; stream: ComesBack | null } | null;
}

const MOST_TOLD = 2_000;

/** Made anew with each process, so that what stands for a value stays while a contract is tried, and tells nothing. */
const secret = randomBytes(32);
const keyed = (use: string) => (value: string) =>
  createHmac('sha256', secret).update(`${use}\n${value}`).digest('base64url').slice(0, 22);
const keys: DryKeys = {
  keyed: { pseudonym: keyed('vendor'), subject: keyed('ledger'), reviewHash: keyed('review') },
  secret,
};

/** Refused values are taken out instead, so that what stands behind them is seen too. */
const goOn: Lifted = {
  mode: 'minimise',
  breakGlass: null,
  lift: { what: 'refusals', holds: () => false },
};

/**
 * Takes a request through inspecting, minimising and restoring as the gateway does, and tells what was found where. Throws
 * SampleError where a text has no place in the endpoint; FieldMapError, ScanRuleError for a pack or rules that make no sense.
 */
export function tryRequest({ service, rules, scan, request }: WorkbenchTry): WorkbenchRun {
  const asText = 'text' in request ? placed(service, request, scan) : null;
  const dry = asText?.request ?? (request as DryRequest);
  const base = { method: dry.method, target: dry.target };
  const nothing = { read: null, findings: [], found: 0, fields: [], crosses: null, back: null };
  const outcome = attempt(service, rules, scan, dry);
  if (outcome.recorder === null) return { ...base, ...nothing, refusal: told(outcome.refusal, null) };
  const { refusal, recorder, minimised, live, endpoint } = outcome;
  const all = findingsFor(recorder.findings, asText?.path ?? null);
  const findings = all.slice(0, MOST_TOLD);
  const given = { ...base, read: asText?.text ?? outcome.read, findings, found: all.length };
  if (minimised === null) {
    return { ...given, fields: outcome.fields, crosses: null, back: null, refusal: told(refusal, all) };
  }
  const texts = echoOf(recorder, asText?.path ?? null);
  return {
    ...given,
    fields: minimised.fields,
    crosses: asText === null ? minimised.body.toString('utf8') : textOfBody(minimised, asText.steps),
    refusal: null,
    back: texts === '' ? null : answersTo(texts, minimised.tokens, live, endpoint),
  };
}

function attempt(service: Service, rules: ContractDocument, scan: DryScan, request: DryRequest) {
  const none = { recorder: null } as const;
  try {
    const recorder = new Recorder(liveOf(service, rules, scan, keys), rules, DRY_APP);
    const { incoming, endpoint, live, found } = prepare(service, recorder.live, request);
    const run = (lifted: Lifted | null): Minimised => {
      const { inspection, read } = watchedInspection(incoming, endpoint, recorder);
      text = read;
      return minimise(incoming, endpoint, inspection, live, found, DRY_APP, lifted);
    };
    let text: string | null = null;
    const base = { recorder, live, endpoint };
    try {
      const minimised = run(null);
      return { ...base, minimised, read: text, refusal: null, fields: minimised.fields };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // What was found up to there is found again, with what stands behind it.
      recorder.looked.length = 0;
      const fields =
        error.code === 'field_refused' || error.code === 'kept_at_vendor' ? run(goOn).fields : [];
      return { ...base, minimised: null, read: text, refusal: error, fields };
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...none, refusal: error };
  }
}

function watchedInspection(incoming: Incoming, endpoint: Parameters<typeof inspect>[1], recorder: Recorder) {
  const inspection = inspect(incoming, endpoint);
  const { body } = inspection;
  if (body === null) return { inspection, read: null };
  const document = recorder.watch(body.document);
  return { inspection: { ...inspection, body: { ...body, document } }, read: body.document.text };
}

/** A text that was pasted is asked about, and not the sample around it. */
function findingsFor(findings: WorkbenchFinding[], path: string | null): WorkbenchFinding[] {
  if (path === null) return findings;
  return findings
    .filter((one) => one.path === path || one.path?.startsWith(`${path} → `) === true)
    .map((one) => ({ ...one, span: one.inString }));
}

function told(refusal: Refusal | null, findings: WorkbenchFinding[] | null): WorkbenchRun['refusal'] {
  if (refusal === null) return null;
  const { code, message, fieldClass } = refusal;
  const first = findings?.find((one) => one.treatment === 'refuse' && one.class === fieldClass);
  return { code, message, path: first?.path ?? null };
}

/** The texts in which something was found, or else the last that was looked through. */
function echoOf({ looked }: Recorder, path: string | null): string {
  const within = (one: WorkbenchFinding): boolean => path === null || one.path?.startsWith(path) === true;
  const texts = looked.filter(({ isSetting }) => !isSetting);
  const telling = texts.filter(({ findings }) => findings.some(within));
  return (telling.length > 0 ? telling : texts.slice(-1)).map(({ crosses }) => crosses).join('\n');
}

/** The text at these steps of what crosses; null where it does not cross, or the way to it changed. */
function textOfBody({ body }: Minimised, steps: readonly (string | number)[]): string | null {
  let value: unknown = JSON.parse(body.toString('utf8'));
  for (const step of steps) {
    if (typeof value !== 'object' || value === null) return null;
    value = Object.getOwnPropertyDescriptor(value, step)?.value;
  }
  return typeof value === 'string' ? value : null;
}
