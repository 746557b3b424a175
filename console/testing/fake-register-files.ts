import type { RegisterEntry, RegisterImported, RegisterLine } from '../api/register-types.ts';
import type { Answer, Asked } from './fake-routes.ts';

/** Lines of the made-up register, filtered as the API filters them. */
export function withRows(all: readonly RegisterEntry[], query: URLSearchParams): RegisterLine[] {
  const is = (name: string, value: string | null): boolean => (query.get(name) ?? value) === value;
  const lacks = query.get('lacks')?.split('_and_') ?? [];
  const part = (query.get('search') ?? '').toLowerCase();
  const dueBy = query.get('dueBy');
  return all.flatMap((one) => {
    const { status, tier, owner, nextReview, name } = one;
    if (status === 'not_entered') return [];
    const fits =
      is('status', status) &&
      is('tier', tier) &&
      is('owner', owner) &&
      (!lacks.includes('tier') || tier === null) &&
      (!lacks.includes('owner') || owner === null) &&
      (dueBy === null || (nextReview !== null && nextReview <= dueBy)) &&
      `${name} ${owner ?? ''}`.toLowerCase().includes(part);
    return fits ? [{ ...one, status }] : [];
  });
}

/** Takes a table in: `name` and `owner`; a criticality that is none is refused with its line and column. */
export function importVendors(
  entries: Map<string, RegisterEntry>,
  bare: RegisterEntry,
  { body, tell }: Asked,
): Answer {
  const { content, preview } = body as { content: string; preview: boolean };
  const [head = '', ...lines] = content.trim().split(/\r?\n/);
  const columns = head.split(',');
  const effects: RegisterImported['effects'] = [];
  for (const [at, line] of lines.entries()) {
    const cells = line.split(',');
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    if (cell('criticality') === 'huge') {
      const message = `line ${at + 2}, column criticality: is none of critical, important, supporting, unknown`;
      const errors = [{ field: 'content', message }];
      const title = 'That is not valid';
      return { status: 422, body: { status: 422, code: 'invalid', title, detail: message, errors } };
    }
    const id = cell('name').toLowerCase().replaceAll(' ', '-');
    const before = entries.get(id);
    const isThere = before !== undefined && before.status !== 'not_entered';
    effects.push({
      id,
      name: cell('name'),
      effect: isThere ? 'changed' : 'new',
      changes: ['owner'],
      kept: isThere ? ['status'] : [],
    });
    if (preview) continue;
    const status = before === undefined || before.status === 'not_entered' ? 'candidate' : before.status;
    entries.set(id, { ...bare, ...before, id, name: cell('name'), status, owner: cell('owner') });
  }
  if (!preview) tell('register');
  const count = (effect: string): number => effects.filter((one) => one.effect === effect).length;
  const done: RegisterImported = {
    counts: { new: count('new'), changed: count('changed'), same: 0 },
    effects,
    unread: columns.filter((name) => !['name', 'owner', 'criticality'].includes(name)),
    missingFiles: [],
  };
  return { status: 200, body: done };
}
