import { asciiHost, isWithin, labelOf, labelsBelow, registrableOf } from './domains.ts';
import type { KnownDomain } from './register.ts';
import { skeletonOf } from './skeleton.ts';

export type LookalikeKind = 'homoglyph' | 'idn' | 'combination' | 'subdomain' | 'other_suffix' | 'misspelt';

export interface Lookalike {
  kind: LookalikeKind;
  /** One alone is enough to doubt; weak ones (another suffix, a letter off) happen to innocent names. */
  strong: boolean;
  vendor: { id: string; name: string };
  /** The domain that it looks like. */
  like: string;
}

/** Names so short that others have them by chance. */
const SHORTEST = 4;
const SHORTEST_MISSPELT = 6;

const trust =
  'account accounts admin alert alerts api app auth billing care center connect confirm customer desk help helpdesk id identity info invoice kyc login mail message my noreply notice notification notifications notify online pay payment payments portal protect recovery reset safe safety secure security service services session sign signin sso status support team update user validate validation verification verify web'.split(
    ' ',
  );
const trustWords = new Set(trust.map(skeletonOf));

/** Whether a host passes for one of the register's domains without being it. The most telling one counts. */
export function lookalikeOf(host: string, known: readonly KnownDomain[]): Lookalike | null {
  const ascii = asciiHost(host);
  const registrable = ascii === null ? null : registrableOf(ascii);
  if (ascii === null || registrable === null) return null;
  if (known.some(({ domain }) => isWithin(ascii, domain))) return null;
  const label = labelOf(ascii);
  const skeleton = skeletonOf(label);
  const below = labelsBelow(ascii);
  let weak: Lookalike | null = null;
  for (const { domain, label: real, skeleton: realSkeleton, vendor } of known) {
    const found = (kind: LookalikeKind, strong: boolean): Lookalike => ({
      kind,
      strong,
      vendor,
      like: domain,
    });
    if (real.length < SHORTEST) continue;
    // `openai.com.example.net`, `openai-com.example.net`.
    const dotted = `.${below.join('.')}.`;
    if (dotted.includes(`.${domain}.`) || below.includes(domain.replaceAll('.', '-')))
      return found('subdomain', true);
    if (skeleton === realSkeleton) {
      if (label === real) {
        weak ??= found('other_suffix', false);
        continue;
      }
      return found(registrable.includes('xn--') ? 'idn' : 'homoglyph', true);
    }
    const rest = besides(skeleton, realSkeleton);
    if (rest !== null) {
      if (rest.every((word) => trustWords.has(word))) return found('combination', true);
      if (skeleton.split('-').includes(realSkeleton)) weak ??= found('combination', false);
      continue;
    }
    if (below.map(skeletonOf).includes(realSkeleton)) weak ??= found('subdomain', false);
    else if (real.length >= SHORTEST_MISSPELT && oneOff(label, real)) weak ??= found('misspelt', false);
  }
  return weak;
}

/** What stands beside a name at the beginning or end, or between hyphens, in words; null: the name is not in it so. */
function besides(skeleton: string, name: string): string[] | null {
  const words = skeleton.split('-').filter((word) => word !== '');
  if (words.length > 1 && words.includes(name)) return words.filter((word) => word !== name);
  if (skeleton.startsWith(name)) return [skeleton.slice(name.length).replace(/^-/, '')];
  if (skeleton.endsWith(name)) return [skeleton.slice(0, -name.length).replace(/-$/, '')];
  return null;
}

/** One letter more, less, other, or two changed places. */
export function oneOff(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const rest = (text: string, from: number) => text.slice(from);
  if (a.length === b.length)
    return (
      rest(a, at + 1) === rest(b, at + 1) ||
      (a[at] === b[at + 1] && a[at + 1] === b[at] && rest(a, at + 2) === rest(b, at + 2))
    );
  return a.length > b.length ? rest(a, at + 1) === rest(b, at) : rest(a, at) === rest(b, at + 1);
}
