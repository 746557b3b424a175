import type { AppRoute } from '../api/route-types.ts';

/** A route as it is typed: texts, so that what is half typed stays. */
export interface RouteDraft {
  slug: string;
  members: { connection: string; models: string }[];
  payTwice: boolean;
  firstByteMs: string;
  failures: string;
  openSeconds: string;
  oneWay: 'refuse' | 'drop' | 'hold';
  megabytes: string;
  days: string;
  inDoubt: 'repeat' | 'lose';
  reason: string;
}

export const emptyDraft: RouteDraft = {
  slug: '',
  members: [],
  payTwice: false,
  firstByteMs: '',
  failures: '5',
  openSeconds: '10',
  oneWay: 'refuse',
  megabytes: '1000',
  days: '7',
  inDoubt: 'repeat',
  reason: '',
};

export function draftOf(route: AppRoute): RouteDraft {
  const { oneWay } = route;
  return {
    ...emptyDraft,
    slug: route.slug,
    members: route.members.map(({ connection, models }) => ({ connection, models: modelsText(models) })),
    payTwice: route.payTwice,
    firstByteMs: route.firstByteMs === null ? '' : String(route.firstByteMs),
    failures: String(route.breaker.failures),
    openSeconds: String(route.breaker.openMs / 1000),
    oneWay: oneWay.do,
    ...(oneWay.do === 'hold'
      ? { megabytes: String(oneWay.bytes / 1_000_000), days: String(oneWay.days), inDoubt: oneWay.inDoubt }
      : {}),
  };
}

/** What the API is sent, but for prefix, revision and reason. */
export function rulesOf(draft: RouteDraft) {
  const { members, payTwice, firstByteMs, failures, openSeconds, oneWay, megabytes, days, inDoubt } = draft;
  return {
    members: members.map(({ connection, models }) => {
      const found = modelsOf(models);
      const named = 'models' in found ? found.models : {};
      return { connection, ...(Object.keys(named).length === 0 ? {} : { models: named }) };
    }),
    payTwice,
    firstByteMs: firstByteMs.trim() === '' ? null : Number(firstByteMs),
    breaker: { failures: Number(failures), openMs: Math.round(Number(openSeconds) * 1000) },
    oneWay:
      oneWay === 'hold'
        ? { do: oneWay, bytes: Math.round(Number(megabytes) * 1_000_000), days: Number(days), inDoubt }
        : { do: oneWay },
  };
}

/** `asked = called here`, a line each. `wrong`: the first line that is not so, from 1. */
export function modelsOf(text: string): { models: Record<string, string> } | { wrong: number } {
  const models: [string, string][] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const found = /^\s*([^\s=]{1,100})\s*=\s*([^\s=]{1,100})\s*$/.exec(line);
    const [, asked, here] = found ?? [];
    if (asked === undefined || here === undefined || models.some(([name]) => name === asked))
      return { wrong: index + 1 };
    models.push([asked, here]);
  }
  return { models: Object.fromEntries(models) };
}

export function modelsText(models: Record<string, string> | null): string {
  return Object.entries(models ?? {})
    .map(([asked, here]) => `${asked} = ${here}`)
    .join('\n');
}

/** The list with one moved by so many places; at its ends nothing moves. */
export function moved<T>(list: readonly T[], from: number, by: number): T[] {
  const to = from + by;
  const one = list[from];
  if (one === undefined || to < 0 || to >= list.length) return [...list];
  const rest = list.filter((_, at) => at !== from);
  return [...rest.slice(0, to), one, ...rest.slice(to)];
}
