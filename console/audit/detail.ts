/** What a change's detail says of before and after, read from the forms in which capabilities write it. */

export interface Difference {
  name: string;
  /** Null: not said, or nothing. */
  before: string | null;
  after: string | null;
}

export interface Said {
  differences: Difference[];
  /** What is said without a before. */
  facts: { name: string; value: string }[];
}

type Members = Record<string, unknown>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as people read it: `perMinute 60, perDay none`; null for nothing. */
export function valueText(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (Array.isArray(value)) {
    const texts = value.map((item) =>
      isMembers(item) && typeof item.text === 'string' ? item.text : valueText(item),
    );
    return texts.length === 0 ? null : texts.map((text) => text ?? '—').join(', ');
  }
  if (isMembers(value)) {
    const members = Object.entries(value).map(([name, member]) => `${name} ${valueText(member) ?? '—'}`);
    return members.length === 0 ? null : members.join(', ');
  }
  return String(value);
}

function between(before: Members, after: Members): Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .map((name) => ({ name, before: valueText(before[name]), after: valueText(after[name]) }))
    .filter((one) => one.before !== one.after);
}

/**
 * `{ before, after }`; `{ was, … }` with what was changed beside it; `{ name: { from, to } }`; `{ added, removed }`. All
 * else is a fact.
 */
export function readDetail(detail: Members): Said {
  const { before, after, was, ...rest } = detail;
  const said: Said = { differences: [], facts: [] };
  if (isMembers(before) && isMembers(after)) said.differences.push(...between(before, after));
  else Object.assign(rest, before === undefined ? {} : { before }, after === undefined ? {} : { after });
  if (was !== undefined && !isMembers(was)) Object.assign(rest, { was });
  for (const [name, value] of Object.entries(rest)) {
    if (isMembers(was) && Object.hasOwn(was, name))
      said.differences.push({ name, before: valueText(was[name]), after: valueText(value) });
    else if (isMembers(value) && 'from' in value && 'to' in value)
      said.differences.push({ name, before: valueText(value.from), after: valueText(value.to) });
    else if (name === 'added' || name === 'removed') {
      const text = valueText(value);
      if (text === null) continue;
      said.differences.push({
        name,
        before: name === 'removed' ? text : null,
        after: name === 'added' ? text : null,
      });
    } else {
      const text = valueText(value);
      if (text !== null) said.facts.push({ name, value: text });
    }
  }
  return said;
}
