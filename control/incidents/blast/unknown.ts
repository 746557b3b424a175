import type { ConnectionView } from '../../connections/index.ts';
import type { Covered } from './deps.ts';
import type { Kept } from './kept.ts';
import { labelOf } from './labels.ts';
import type { Blast } from './schemas.ts';

/** What may be said of the whole, and what may not. */

export function whoseOf(ourData: boolean, ourAccounts: boolean, name: string): Blast['whose'] {
  const texts = {
    both: `${name} got data that we sent, and holds data about people of ours who have accounts.`,
    data: `${name} got data that we sent. No accounts of our people are known behind which it stands.`,
    accounts: `We sent ${name} nothing that was seen. It holds data about people of ours who have accounts.`,
    none: `No record in the traffic that we saw, and no accounts of our people are known there. That is no proof that ${name} holds nothing.`,
  };
  const which = ourData ? (ourAccounts ? 'both' : 'data') : ourAccounts ? 'accounts' : 'none';
  return { ourData, ourAccounts, text: texts[which] };
}

/** What one wants to be able to say after a breach, and may only where the traffic is known to be seen whole. */
const ASKED = [
  'content.prompt',
  'content.media',
  'person.email',
  'person.name',
  'person.phone',
  'secret.api_key',
  'secret.password',
  'payment.card',
  'payment.iban',
  'person.national_id',
] as const;

export function notSeen(data: Blast['data'], covered: Covered): Blast['notAffected'] {
  const there = new Set(data.map((row) => row.class));
  return ASKED.filter((one) => !there.has(one)).map((one) => ({
    class: one,
    label: labelOf(one),
    proven: covered.isProven,
    text: covered.isProven
      ? `Not among what was sent. ${covered.text}`
      : 'No record in the traffic that we saw.',
  }));
}

export function unknownOf(
  answer: Omit<Blast, 'unknown'>,
  own: Kept,
  covered: Covered,
  connections: readonly ConnectionView[],
): Blast['unknown'] {
  const { party, data, accounts, asOf } = answer;
  const undeclared = data.filter((row) => row.retention === null).length;
  const unproven = data.filter((row) => own.deletedUntil(row.class) === null).length;
  const placeless = data.filter((row) => row.places.length === 0).length;
  const observing = connections.filter(({ vendor, mode }) => vendor === party.id && mode === 'observe');
  const found: readonly (readonly [string, boolean, string])[] = [
    ['no_journal', asOf === null, 'No journal came in: nothing is known of traffic.'],
    ['not_entered', party.status === 'not_entered', `${party.name} is not in the register.`],
    ['coverage', !covered.isProven, covered.text],
    [
      'retention',
      undeclared > 0,
      `For ${undeclared} of ${data.length} kinds of data nobody stated how long ${party.name} keeps them: all of it counts.`,
    ],
    [
      'deletion',
      unproven > 0,
      `For ${unproven} of ${data.length} kinds of data no proof of deletion is kept: they count as held.`,
    ],
    [
      'observe_mode',
      observing.length > 0,
      `${observing.length} ${observing.length === 1 ? 'connection lets' : 'connections let'} through what the contract would treat.`,
    ],
    [
      'places',
      placeless > 0,
      `For ${placeless} of ${data.length} kinds of data nobody stated where ${party.name} keeps them, and nothing was seen that shows it.`,
    ],
    [
      'workflows',
      answer.workflows.length === 0,
      `No workload, pipeline, deployment, workflow or agent that uses ${party.name} is in the records. That is no proof that there is none.`,
    ],
    ['accounts', accounts.length === 0, 'No accounts of our people were imported or seen for it.'],
    ['chain', answer.chain.behind.length === 0, `It is not known to whom ${party.name} hands data on.`],
  ];
  return found.flatMap(([code, isUnknown, text]) => (isUnknown ? [{ code, text }] : []));
}
