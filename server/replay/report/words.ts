import { joinCutOffs } from '../metrics/joinable.ts';
import type { PassResult } from '../metrics/result.ts';
import { thresholds } from '../metrics/verdict.ts';
import type { ReplayResult } from '../replay.ts';

/** The sentences and figures that the terminal and the page have in common. */

const numbers = new Intl.NumberFormat('en');

export function count(value: number): string {
  return numbers.format(value);
}

/** A share from 0 to 1 in percent: one decimal, more where there would be nothing else. */
export function percent(share: number): string {
  const digits = share > 0 && share < 0.001 ? 2 : 1;
  return `${(share * 100).toFixed(digits)} %`;
}

export interface Measure {
  label: string;
  asIs: string;
  minimised: string;
  /** What it means, in a sentence. */
  note: string;
}

function measure(
  result: ReplayResult,
  label: string,
  read: (pass: PassResult) => string,
  note: string,
): Measure {
  return { label, asIs: read(result.asIs), minimised: read(result.minimised), note };
}

const joinedBy = 'A value stands letter by letter in both vendors’ stores';

function joinCutOffNote({ people }: ReplayResult): string {
  const { text, number, most } = joinCutOffs;
  return `Not counted are texts under ${text} characters, numbers under ${number}, and values that more than ${count(most(people))} of the people have: they tell groups apart.`;
}

/** What "linked" means, for where there is no room beside the figure. */
export function joinNote(result: ReplayResult): string {
  return `Linked: ${joinedBy.charAt(0).toLowerCase()}${joinedBy.slice(1)}. ${joinCutOffNote(result)}`;
}

/** What the thief got. */
export function measures(result: ReplayResult): Measure[] {
  return [
    measure(
      result,
      'People a thief can write to or call',
      (pass) => count(pass.peopleReachable),
      'An e-mail address or phone number lies anywhere in what the analytics vendor holds, hidden and encoded ones included.',
    ),
    measure(
      result,
      'People linked between the two vendors',
      (pass) => count(pass.joinable),
      `${joinedBy}. ${joinCutOffNote(result)}`,
    ),
    measure(
      result,
      'Facts a stranger could quote, per person',
      (pass) => pass.quotableFactsPerPerson.toFixed(1),
      'Kinds of facts, on average, that would make a stranger believed.',
    ),
    measure(
      result,
      'People unique by what they are like',
      (pass) => percent(pass.unicity),
      'Person-level attributes, without pseudonyms, ids and event times.',
    ),
    measure(
      result,
      'Rows in the export',
      (pass) => count(pass.rows),
      'Events, profiles and groups: the work that analytics is for goes on.',
    ),
  ];
}

/** What minimising does not take away. */
export function remains(result: ReplayResult): Measure[] {
  return [
    measure(
      result,
      'Unique once pseudonyms count',
      (pass) => percent(pass.unicityWithPseudonyms),
      'A pseudonym is there to tell people apart for this one vendor; it means nothing outside.',
    ),
    measure(
      result,
      'Unique by the order of events',
      (pass) => percent(pass.trajectoryUnicity.sequence),
      'Who knows in which order somebody used the product could find them again.',
    ),
    measure(
      result,
      'Unique by order and minute of events',
      (pass) => percent(pass.trajectoryUnicity.timed),
      'Timing and volume cross as they are: arrival shows them anyway.',
    ),
    measure(
      result,
      'People whose address the AI vendor holds',
      (pass) => count(pass.ai.peopleReachable),
      'Text and metadata that an app sends to a model pass as they are under the recommended contract.',
    ),
  ];
}

/** The whole answer in a sentence. */
export function headline(result: ReplayResult): string {
  const { asIs, minimised } = result;
  const after = minimised.peopleReachable === 0 ? 'none' : count(minimised.peopleReachable);
  return `Without Drawbridge the thief can reach ${count(asIs.peopleReachable)} people. With it, ${after}.`;
}

/** How it was played, in a sentence. */
export function circumstances(result: ReplayResult): string {
  const browser =
    result.browserSdk === 'chromium'
      ? 'mixpanel-browser in headless Chromium'
      : 'mixpanel-browser under Node (no Chromium was found)';
  return `${count(result.people)} made-up people, played twice through a real gateway by the vendors’ own SDKs: ${browser}, mixpanel and openai for Node. ${count(result.crossings)} requests crossed, and the journal holds ${count(result.journalRecords)} records of them.`;
}

/** Said where unicity was not judged. */
export function unicityNote(result: ReplayResult): string | null {
  return result.people >= thresholds.unicityFrom
    ? null
    : `Unicity depends on how many people share each value. It is judged from ${count(thresholds.unicityFrom)} people on; these are ${count(result.people)}.`;
}

export function funnelSame(result: ReplayResult): boolean {
  return JSON.stringify(result.funnel.asIs) === JSON.stringify(result.funnel.minimised);
}
