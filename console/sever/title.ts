import type { Severance, SeveranceRow } from '../api/sever-types.ts';
import { classLabel } from '../design/classes.ts';
import { sever as words } from '../messages/pages/sever.ts';

/** What was cut off, as the subject of a sentence. */
export function whatOf({ target, vendors }: SeveranceRow): string {
  if (target.kind === 'field_class')
    return words.page.classOf(classLabel(target.fieldClass ?? ''), target.name);
  if (target.kind === 'party')
    return words.page.behind(
      target.name,
      vendors.map(({ name }) => name),
    );
  return target.name;
}

/** The answer that the page gives first. */
export function titleOf(severance: Severance): string {
  const what = whatOf(severance);
  const missing = severance.inForce.filter(({ at }) => at === null).map(({ gateway }) => gateway);
  switch (severance.state) {
    case 'in_force':
      return words.page.inForce(what);
    case 'partly':
      return words.page.partly(what, missing);
    case 'reopened':
      return words.page.reopened(what);
    case 'ended':
      return words.page.timeOver(what);
    case 'rehearsal':
      return words.page.rehearsal(what);
  }
}
