import { stateOn } from './agreements.ts';
import type { Day } from './days.ts';
import type { Entry } from './register.ts';
import type { StatementKind } from './statements.ts';

/** What is not entered of a vendor, in the order in which one would want it: unknown, and told as that. */
export function missingOf(entry: Entry, today: Day): { code: string; text: string }[] {
  const { vendor, statements, agreements } = entry;
  const has = (kind: StatementKind) => statements.some((one) => one.kind === kind);
  const dueReview = entry.nextReview !== null && entry.nextReview <= today;
  const found: readonly (readonly [string, boolean, string])[] = [
    ['owner', vendor.owner === null, 'Nobody here owns it.'],
    ['purpose', vendor.purpose === null, 'It is not said what it is used for.'],
    ['criticality', vendor.criticality === 'unknown', 'It is not said how critical it is.'],
    ['tier', vendor.tier === null, 'It has no tier, so that it falls due for no review.'],
    ['review', dueReview, 'Its review is due.'],
    [
      'agreement',
      !agreements.some((one) => stateOn(one, today) === 'in_force'),
      'No agreement with it is in force.',
    ],
    ['data', !has('data'), 'It is not stated which data it gets.'],
    ['retention', !has('retention'), 'It is not stated how long it keeps data.'],
    ['residency', !has('residency'), 'It is not stated where it keeps data.'],
    ['incident_contact', !has('incident_contact'), 'No contact for incidents is known.'],
    ['notice_hours', !has('notice_hours'), 'It is not known within which time it tells of an incident.'],
    ['legal_name', !has('legal_name'), 'Its legal name is not known.'],
    [
      'exit_plan',
      vendor.criticality === 'critical' && !has('exit_plan') && !has('substitute'),
      'It is critical, and there is neither a substitute nor an exit plan.',
    ],
  ];
  return found.flatMap(([code, isMissing, text]) => (isMissing ? [{ code, text }] : []));
}
