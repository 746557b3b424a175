import type { Difference } from './differences.ts';
import type { Part } from './parts.ts';

type ScanPart = Extract<Part, { kind: 'scan' }>;

/** What is looked for in free text, as far as it differs. No sentence holds a word that was registered. */
export function ofScan(before: Part | undefined, after: Part | undefined): Difference[] {
  if (after?.kind !== 'scan') return [say('off', 'Free text is looked through on no connection any more.')];
  if (before?.kind !== 'scan') return [say('on', 'Free text is looked through where contracts say so.')];
  const found: Difference[] = [];
  if (before.detectors !== after.detectors)
    found.push(say('detectors', 'Other forms of keys and tokens are looked for in free text.'));
  if (before.kept.join() !== after.kept.join())
    found.push(
      say('kept', `${after.kept.length} kept secrets are known in free text; it was ${before.kept.length}.`),
    );
  found.push(...ofPatterns(before, after), ...ofLists(before, after));
  return found;
}

const say = (code: string, text: string): Difference => ({
  code: `scan.${code}`,
  subject: { kind: 'names', id: 'scan' },
  text,
});

function ofPatterns({ own: old }: ScanPart, { own }: ScanPart): Difference[] {
  if (old?.hash === own?.hash) return [];
  const [was, is] = [old?.ids ?? [], own?.ids ?? []];
  const added = is.filter((id) => !was.includes(id));
  const gone = was.filter((id) => !is.includes(id));
  const parts = [
    ...(added.length > 0 ? [`looked for from now on: ${added.join(', ')}`] : []),
    ...(gone.length > 0 ? [`no longer: ${gone.join(', ')}`] : []),
  ];
  return [
    say(
      'patterns',
      parts.length === 0 ? 'A pattern of ours is another one.' : `Patterns of ours are ${parts.join('; ')}.`,
    ),
  ];
}

/** How many forms of people and words are known, list by list. */
function ofLists({ lists: old = [] }: ScanPart, { lists = [] }: ScanPart): Difference[] {
  const names = [...new Set([...old, ...lists].map(({ list }) => list))].sort();
  return names.flatMap((name) => {
    const of = (all: typeof lists) => all.filter(({ list }) => list === name);
    const told = (all: typeof lists): string => JSON.stringify(of(all).map((one) => [one.class, one.hash]));
    if (told(old) === told(lists)) return [];
    const count = (all: typeof lists): number => of(all).reduce((sum, { forms }) => sum + forms, 0);
    const [was, is] = [count(old), count(lists)];
    if (is === 0) return [say('list_gone', `List ${name}: gateways know no phrase of it any more.`)];
    const phrases = `${is} ${is === 1 ? 'phrase' : 'phrases'}`;
    return [say('list', `List ${name}: ${phrases} known in free text; it was ${was === 0 ? 'none' : was}.`)];
  });
}
