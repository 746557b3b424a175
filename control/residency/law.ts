import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import type { Groups } from './place.ts';

/**
 * What the law says of transfers out of the European Economic Area, as data (`packs/laws/transfers.yaml`): which states are in
 * it, and which countries the European Commission found adequate (Art. 45 GDPR). Every fact says where it was read and when.
 */
export const TRANSFERS_FORMAT = 'drawbridge.transfers/1';

const Name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'lower case letters, digits and -, at most 61');
const Country = z.string().regex(/^[A-Z]{2}$/, 'is no country of two capital letters');
const Url = z.url({ protocol: /^https$/, error: 'is no https address' }).max(500);
const Text = z.string().trim().min(1).max(400);
const Day = z.iso.date();

const DecisionSchema = z.strictObject({
  country: Country,
  name: Text,
  /** `whole`: all transfers there; `part`: only to whom or what `scope` says. */
  covers: z.enum(['whole', 'part']),
  scope: Text.optional(),
  decision: Text,
  valid_from: Day,
  valid_until: Day.optional(),
  status: z.enum(['in_force', 'challenged', 'ended']),
  /** What is under way against it, or limits it. */
  note: Text.optional(),
  from: Name,
});

const TransfersSchema = z.strictObject({
  format: z.literal(TRANSFERS_FORMAT),
  as_of: Day,
  sources: z.record(Name, z.strictObject({ url: Url, as_of: Day })),
  states: z.strictObject({
    eu: z.strictObject({ is: z.array(Country).min(1).max(60), from: Name }),
    /** In the European Economic Area beside them. */
    eea: z.strictObject({ is: z.array(Country).max(20), from: Name }),
  }),
  adequacy: z.array(DecisionSchema).min(1).max(100),
  /** Commitments that single companies of a country make: there, `covers` is `part`, and who certified is covered. */
  frameworks: z
    .array(z.strictObject({ id: z.literal('dpf'), name: Text, country: Country, from: Name }))
    .max(10),
});
export type Transfers = z.infer<typeof TransfersSchema>;

export interface TransfersProblem {
  file: string;
  line: number;
  column: number;
  field: string;
  message: string;
}

const LARGEST = 256 * 1024;

/** Reads the pack from its text. `file`: its name in problems. */
export function readTransfers(
  file: string,
  text: string,
): { transfers: Transfers } | { problems: TransfersProblem[] } {
  if (text.length > LARGEST)
    return {
      problems: [
        { file, line: 1, column: 1, field: '(pack)', message: `has more than ${LARGEST} characters` },
      ],
    };
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    strict: true,
    prettyErrors: false,
  });
  const problems: TransfersProblem[] = [];
  const add = (path: readonly PropertyKey[], message: string): void => {
    let node: unknown = document.contents;
    for (let depth = path.length; depth >= 0; depth -= 1) {
      node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
      if (node !== undefined && node !== null) break;
    }
    const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : null;
    const offset = Array.isArray(range) && typeof range[0] === 'number' ? range[0] : 0;
    const { line, col } = lines.linePos(offset);
    problems.push({ file, line, column: col, field: path.map(String).join('.') || '(pack)', message });
  };
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    problems.push({ file, line, column: col, field: '(yaml)', message: error.message });
  }
  if (problems.length > 0) return { problems };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    add([], 'has aliases: write each fact out');
    return { problems };
  }
  const parsed = TransfersSchema.safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) add(issue.path, issue.message);
    return { problems };
  }
  checkSense(parsed.data, add);
  const used = new Set<string>();
  visit(document, {
    Pair(_, pair) {
      if (isScalar(pair.key) && pair.key.value === 'from' && isScalar(pair.value) && !isMap(pair.value))
        used.add(String(pair.value.value));
    },
  });
  for (const name of used)
    if (parsed.data.sources[name] === undefined) add(['sources'], `there is no source ${name}`);
  for (const name of Object.keys(parsed.data.sources))
    if (!used.has(name)) add(['sources', name], 'no fact was read there: leave it out');
  return problems.length > 0 ? { problems } : { transfers: parsed.data };
}

function checkSense(pack: Transfers, add: (path: readonly PropertyKey[], message: string) => void): void {
  const inArea = new Set([...pack.states.eu.is, ...pack.states.eea.is]);
  if (inArea.size !== pack.states.eu.is.length + pack.states.eea.is.length)
    add(['states'], 'lists a state twice');
  const seen = new Set<string>();
  for (const [index, one] of pack.adequacy.entries()) {
    const at = ['adequacy', index];
    if (inArea.has(one.country))
      add([...at, 'country'], 'is in the European Economic Area: no decision is needed');
    if (seen.has(one.country)) add([...at, 'country'], 'stands here twice');
    seen.add(one.country);
    if (one.covers === 'part' && one.scope === undefined)
      add(at, 'covers a part and does not say which: add scope');
    if (one.valid_until !== undefined && one.valid_until <= one.valid_from)
      add([...at, 'valid_until'], 'lies before valid_from');
    if (one.valid_from > pack.as_of) add([...at, 'valid_from'], 'lies after as_of');
    if (one.status === 'challenged' && one.note === undefined)
      add(at, 'is challenged and does not say how: add note');
  }
  for (const [index, one] of pack.frameworks.entries())
    if (!pack.adequacy.some(({ country, covers }) => country === one.country && covers === 'part'))
      add(['frameworks', index, 'country'], 'has no decision above that covers a part');
}

export function groupsOf({ states }: Transfers): Groups {
  return { EU: new Set(states.eu.is), EEA: new Set([...states.eu.is, ...states.eea.is]) };
}

/** Countries where every transfer is covered by a decision on a day (`2026-11-22`). */
export function adequateOn({ adequacy }: Transfers, day: string): ReadonlySet<string> {
  return new Set(
    adequacy
      .filter(
        ({ covers, status, valid_from, valid_until }) =>
          covers === 'whole' &&
          status !== 'ended' &&
          valid_from <= day &&
          (valid_until === undefined || day <= valid_until),
      )
      .map(({ country }) => country),
  );
}
