import { type Call, calls, type Target } from './calls.ts';
import { type EchoVendor, type Manner, plainManner } from './vendor.ts';

/**
 * Whether a gateway keeps its promise about what is masked: each endpoint, plain and streamed. Everyone and everything
 * in it is made up, or a specimen that stands in public documents.
 */
export const person = {
  name: 'Johanna Mustermann',
  email: 'johanna.mustermann@example.org',
  phone: '+49 30 901820',
  iban: 'DE89 3704 0044 0532 0130 00',
  card: '4111 1111 1111 1111',
} as const;

/** Quotes, line breaks and letters beyond ASCII stand beside what is masked: they must come back as they were. */
export const DATA = `Hello, my name is ${person.name}.\nWrite to "${person.email}" — or call ${person.phone}; IBAN ${person.iban}, card ${person.card}. Grüße 🌉`;

/** Put together here, so that nobody takes this file for a leak. */
const SECRET = ['sk', 'ant', `api03-${'Q7x_mD4-'.repeat(11)}pLw2xAA`].join('-');

export const questions = [
  'masked in request',
  'restored in answer',
  'secret in answer kept',
  'nothing crosses when a detector fails',
] as const;
export type Question = (typeof questions)[number];

/** `yes`; `no` and why; null: the question does not arise. */
export type Verdict = 'yes' | `no: ${string}` | null;

export interface Row {
  endpoint: string;
  mode: 'plain' | 'streamed';
  verdicts: Record<Question, Verdict>;
}

/** What an answer is cut into: every token at every character, and at every byte of the wire. */
const manners: Record<Row['mode'], readonly Partial<Manner>[]> = {
  plain: [{}, { wire: 1 }],
  streamed: [{}, { piece: 1 }, { piece: 3, wire: 1 }, { piece: 7 }, { piece: 5000, wire: 1 }],
};
/** Those that differ most: the others take minutes. */
const fewManners: typeof manners = { plain: [{}], streamed: [{ piece: 1 }, { piece: 5, wire: 3 }] };

/** One endpoint in one mode, at a gateway before this vendor. */
interface Case {
  target: Target;
  vendor: EchoVendor;
  call: Call;
  mode: Row['mode'];
  manners: readonly Partial<Manner>[];
}

/** Runs everything against a gateway that sends all that it lets through to this vendor. */
export async function runSuite(
  target: Target,
  vendor: EchoVendor,
  { isThorough = true, onRow }: { isThorough?: boolean; onRow?: (row: Row) => void } = {},
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const call of calls) {
    for (const mode of call.streams ? (['plain', 'streamed'] as const) : (['plain'] as const)) {
      const one: Case = { target, vendor, call, mode, manners: (isThorough ? manners : fewManners)[mode] };
      const hasText = call.answers !== 'nothing';
      const row: Row = {
        endpoint: call.endpoint,
        mode,
        verdicts: {
          'masked in request': await isMasked(one),
          'restored in answer': hasText ? await isRestored(one) : null,
          'secret in answer kept': hasText ? await isKept(one) : null,
          'nothing crosses when a detector fails': await isHeld(one),
        },
      };
      rows.push(row);
      onRow?.(row);
    }
  }
  return rows;
}

async function isMasked({ target, vendor, call, mode }: Case): Promise<Verdict> {
  behave(vendor, call, {});
  const answer = await outcome(call.ask(target, DATA, { stream: mode === 'streamed' }));
  if ('error' in answer) return `no: it failed (${answer.error})`;
  if (vendor.received.length === 0) return 'no: nothing reached the vendor';
  const seen = readings(vendor.received.join('\n'));
  const leaked = Object.entries(person).filter(([, value]) => seen.includes(bare(value)));
  return leaked.length === 0 ? 'yes' : `no: the vendor got ${leaked.map(([what]) => what).join(', ')}`;
}

async function isRestored({ target, vendor, call, mode, manners }: Case): Promise<Verdict> {
  for (const manner of manners) {
    behave(vendor, call, manner);
    const answer = await outcome(call.ask(target, DATA, { stream: mode === 'streamed' }));
    const how = Object.entries(manner)
      .map(([name, value]) => ` with ${name} ${value}`)
      .join('');
    if ('error' in answer) return `no: it failed (${answer.error})${how}`;
    if (readings(vendor.received.join('\n')).includes(bare(person.email))) return 'no: it was not masked';
    if (textOf(call, answer.value) !== DATA) return `no: the answer is not whole${how}`;
  }
  return mode === 'streamed' ? await isCancelled({ target, vendor, call }) : 'yes';
}

/** Whoever goes away in the middle is gone, and the next is served. */
async function isCancelled({
  target,
  vendor,
  call,
}: Pick<Case, 'target' | 'vendor' | 'call'>): Promise<Verdict> {
  behave(vendor, call, { piece: 1, wire: 1 });
  const gone = new AbortController();
  const asked = outcome(call.ask(target, DATA, { stream: true, signal: gone.signal }));
  setTimeout(() => gone.abort(), 30);
  await asked;
  behave(vendor, call, {});
  const next = await outcome(call.ask(target, DATA, { stream: true }));
  return 'value' in next && textOf(call, next.value) === DATA
    ? 'yes'
    : 'no: not after one that was cancelled';
}

async function isKept({ target, vendor, call, mode, manners }: Case): Promise<Verdict> {
  const ask = (says: string, manner: Partial<Manner>) => {
    behave(vendor, call, { ...manner, says });
    return outcome(call.ask(target, 'Hello', { stream: mode === 'streamed' }));
  };
  const harmless = await ask('Use it.', {});
  if ('error' in harmless) return `no: it failed without a secret (${harmless.error})`;
  for (const manner of manners) {
    const answer = await ask(`Use ${SECRET} for it.`, manner);
    if ('value' in answer && answer.value.includes(SECRET)) return 'no: the app got it';
  }
  return 'yes';
}

/** Refused, or sent without it: what counts is what the vendor has. */
async function isHeld({ target, vendor, call, mode }: Case): Promise<Verdict> {
  if (target.failing === null) return null;
  behave(vendor, call, {});
  const broken = { ...target, at: target.failing.at };
  await outcome(call.ask(broken, target.failing.text(DATA), { stream: mode === 'streamed' }));
  const seen = readings(vendor.received.join('\n'));
  return seen.includes(bare(person.email)) ? 'no: the vendor got it' : 'yes';
}

export function behave(vendor: EchoVendor, call: Call, manner: Partial<Manner>): void {
  vendor.received.length = 0;
  vendor.manner = { ...plainManner, ...manner, calls: call.answers === 'tool' };
}

async function outcome(asked: Promise<string>): Promise<{ value: string } | { error: string }> {
  try {
    return { value: await asked };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { error: (text.split('\n')[0] ?? '').slice(0, 120) };
  }
}

/** What the person reads: of a tool's arguments, both notes must be the same. */
export function textOf({ answers }: Call, value: string): string {
  if (answers !== 'tool') return value;
  const { note, again } = JSON.parse(value) as { note?: unknown; again?: unknown[] };
  return typeof note === 'string' && again?.[0] === note ? note : '';
}

const bare = (text: string): string => text.replaceAll(/[\s-]/g, '');

/** A text as it stands, and as JSON inside of it reads. */
function readings(text: string): string {
  return bare(`${text}\n${text.replaceAll('\\\\', '\\').replaceAll('\\"', '"').replaceAll('\\n', '\n')}`);
}
