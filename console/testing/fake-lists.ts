import type { ChainList, ChainListRow, ChainListTaken, ChainMatchedRow } from '../api/chain-types.ts';
import type { Answer } from './fake-routes.ts';

const row = (name: string, purpose = '', location = ''): ChainListRow => ({
  name,
  purpose,
  location,
  data: '',
  conditions: '',
  url: '',
});

const names: Record<string, string> = {
  aws: 'Amazon Web Services',
  coreweave: 'CoreWeave',
  mixpanel: 'Mixpanel',
  'mixpanel-eu': 'Mixpanel EU',
};

/** As the real matcher: by a name that is known, else a person is asked. */
function matched(one: ChainListRow): ChainMatchedRow {
  const key = one.name.toLowerCase().replace(/,? inc\.?$/, '');
  const vendor = Object.entries(names).find(([, name]) => name.toLowerCase() === key)?.[0] ?? null;
  const suggestions = key.startsWith('mixpanel ') ? ['mixpanel', 'mixpanel-eu'] : [];
  return {
    ...one,
    key,
    match: vendor === null ? { by: 'nobody', vendor, suggestions } : { by: 'name', vendor, suggestions: [] },
  };
}

const headOf = (vendor: string, name: string, version: number, asOf: string) => ({
  vendor,
  name,
  version,
  takenAt: asOf,
  takenBy: 'Ada Example',
  asOf,
  source: { kind: 'url' as const, text: 'https://openai.example/sub-processors' },
  format: 'html' as const,
  hash: 'ab'.repeat(32),
  objectionDays: 30,
});

const listOf = (head: ReturnType<typeof headOf>, rows: ChainListRow[], before: ChainListRow[]): ChainList => {
  const has = (those: ChainListRow[], { name }: ChainListRow) => those.some((one) => one.name === name);
  const items = rows.map(matched);
  return {
    ...head,
    rows: rows.length,
    items,
    unmatched: items.filter(({ match }) => match.by === 'nobody').length,
    names,
    diff: {
      added: rows.filter((one) => !has(before, one)),
      gone: before.filter((one) => !has(rows, one)),
      changed: rows.flatMap((is) => {
        const was = before.find((one) => one.name === is.name);
        return was === undefined || was.location === is.location ? [] : [{ was, is, fields: ['location'] }];
      }),
    },
  };
};

const first = [row('Amazon Web Services', 'Hosting', 'US'), row('Old Mail Ltd', 'Mail', 'US')];
const second = [
  row('Amazon Web Services', 'Hosting', 'US, IE'),
  row('CoreWeave, Inc.', 'Inference', 'US'),
  row('Mixpanel Analytics', 'Analytics', 'US'),
  // Markup in a row is text.
  row('<b>Nobody</b> GmbH', 'Support', 'DE'),
];

/** A version of a made-up list: of two, the second has a new row, one that is gone and one that changed. */
export const fakeList = (vendor: string, name: string, version: 1 | 2, asOf: string): ChainList =>
  version === 1
    ? listOf(headOf(vendor, name, 1, asOf), first, [])
    : listOf(headOf(vendor, name, 2, asOf), second, first);

/** Reads a name a line behind the head, or what a page is said to have. */
export function takeList(lists: ChainList[], body: Record<string, unknown>): Answer {
  const vendor = String(body.vendor);
  const last = lists.findLast((one) => one.vendor === vendor);
  const content = body.content === undefined ? 'name\nAmazon Web Services\nAcme' : String(body.content);
  const rows = content
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => row(line));
  if (rows.length === 0) {
    const errors = [{ field: 'content', message: 'has no column that is a name; line 1 is "nothing"' }];
    return {
      status: 422,
      body: { status: 422, code: 'invalid', title: 'That is not valid', detail: 'Look at the list.', errors },
    };
  }
  const head = headOf(vendor, last?.name ?? vendor, (last?.version ?? 0) + 1, new Date().toISOString());
  const days = body.objectionDays === undefined ? head.objectionDays : Number(body.objectionDays);
  const list = listOf({ ...head, objectionDays: days }, rows, last?.items ?? []);
  const shared = (last?.items ?? []).filter(({ name }) => rows.some((one) => one.name === name)).length;
  const all = last?.items.length ?? 0;
  const held =
    all === 0 ? null : shared === 0 ? ('replaced' as const) : shared * 2 < all ? ('shrunk' as const) : null;
  if (held !== null && body.preview !== true && body.confirmed !== true) {
    return {
      status: 409,
      body: { status: 409, code: `list_${held}`, title: 'Held', detail: 'Look at it first.' },
    };
  }
  if (body.preview !== true) lists.push(list);
  const reviews = last === undefined ? 0 : list.diff.added.length;
  const objection = days === null ? { days: 14, from: 'usual' as const } : { days, from: 'list' as const };
  const taken: ChainListTaken = { list, isNew: true, reviews, held, objection };
  return { status: 200, body: taken };
}

export function decideRow(lists: ChainList[], vendor: string, body: Record<string, unknown>): Answer {
  const list = lists.findLast((one) => one.vendor === vendor);
  const item = list?.items.find(({ key }) => key === body.key);
  if (list === undefined || item === undefined) {
    return {
      status: 404,
      body: { status: 404, code: 'not_found', title: 'Not found', detail: 'No such row.' },
    };
  }
  if (body.target === undefined) {
    const asWritten = matched(item);
    item.match = asWritten.match;
    list.unmatched = list.items.filter(({ match }) => match.by === 'nobody').length;
    return { status: 200, body: list };
  }
  const target = body.target === null ? null : String(body.target);
  item.match = { by: 'decision', vendor: target, suggestions: [] };
  list.unmatched = list.items.filter(({ match }) => match.by === 'nobody').length;
  if (target !== null && body.name !== undefined) list.names = { ...list.names, [target]: String(body.name) };
  return { status: 200, body: list };
}
