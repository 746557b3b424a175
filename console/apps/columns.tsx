import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { queries } from '../api/queries.ts';
import type { VirtualKey } from '../api/types.ts';
import { NumberLink } from '../design/button.tsx';
import { ago, count, dayAgo, shortId } from '../design/format.ts';
import { useNow } from '../design/now.ts';
import type { Column } from '../design/table/columns.ts';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { boundsText } from './bounds-draft.ts';
import { capsText } from './caps-draft.ts';
import { type KeyActName, KeyMenu } from './key-acts.tsx';

const words = m.apps;

export function keyState(key: VirtualKey, now: number): 'active' | 'revoked' | 'expired' {
  if (key.revokedAt !== null) return 'revoked';
  return key.expiresAt !== null && Date.parse(key.expiresAt) <= now ? 'expired' : 'active';
}

/** An end that is near enough to be told. */
const soonMs = 30 * 86_400_000;

function State({ virtualKey }: { virtualKey: VirtualKey }) {
  const now = useNow();
  const state = keyState(virtualKey, now);
  const end = virtualKey.expiresAt === null ? null : Date.parse(virtualKey.expiresAt);
  if (state !== 'active' || end === null || end - now > soonMs) return words.states[state];
  return <span className="font-strong">{words.endsIn(ago(end, now))}</span>;
}

/**
 * The columns of a table of keys; connections are called by their names once these are known. `onAct` has to stay the
 * same from one time to the next, and so has `mayChange`, which says of a key whether its acts are offered. `ofOneApp`: the
 * page is about one app, which it need not name in each row.
 */
export function useKeyColumns(
  onAct: (key: VirtualKey, act: KeyActName) => void,
  {
    ofOneApp = false,
    mayChange = always,
  }: { ofOneApp?: boolean; mayChange?: (key: VirtualKey) => boolean } = {},
): readonly Column<VirtualKey>[] {
  const connections = useQuery(queries.connections());
  return useMemo(
    () =>
      keyColumns(new Map(connections.data?.map(({ id, name }) => [id, name])), onAct, ofOneApp, mayChange),
    [connections.data, onAct, ofOneApp, mayChange],
  );
}

const always = (): boolean => true;

/** Newest first. */
export const byAge = (a: VirtualKey, b: VirtualKey): number => b.createdAt.localeCompare(a.createdAt);

function keyColumns(
  connectionNames: ReadonlyMap<string, string>,
  onAct: (key: VirtualKey, act: KeyActName) => void,
  ofOneApp: boolean,
  mayChange: (key: VirtualKey) => boolean,
): readonly Column<VirtualKey>[] {
  const allowed = (key: VirtualKey): string =>
    [words.kinds[key.kind] ?? key.kind, ...key.classes, ...boundsText(key), ...capsText(key)].join(', ');
  const named = (key: VirtualKey): string =>
    key.connections.map((id) => connectionNames.get(id) ?? id).join(', ');
  const app: Column<VirtualKey> = {
    id: 'app',
    head: words.app,
    fixed: true,
    phone: true,
    sort: (key) => key.app.name,
    csv: (key) => key.app.name,
    cell: (key) => (
      <Link to="/apps/$app" params={{ app: key.app.id }} className="row-link no-underline">
        {key.app.name}
      </Link>
    ),
  };
  return [
    ...(ofOneApp ? [] : [app]),
    {
      id: 'key',
      head: words.key,
      phone: ofOneApp,
      fixed: ofOneApp,
      ...(ofOneApp ? {} : { width: '124px' }),
      csv: (key) => key.id,
      cell: (key) => (
        <span className="font-mono text-small" title={`dbk_${key.id}_…`}>
          {shortId(key.id)}
          {key.replaces === null ? null : (
            <span className="font-sans text-soft" title={words.follows(key.replaces)}>
              {' '}
              {words.followsShort}
            </span>
          )}
        </span>
      ),
    },
    {
      id: 'connections',
      head: words.connections,
      width: ofOneApp ? '20%' : '14%',
      csv: named,
      cell: (key) => <span title={named(key)}>{named(key)}</span>,
    },
    {
      id: 'allowed',
      head: words.allowed,
      width: ofOneApp ? '22%' : '17%',
      csv: allowed,
      cell: (key) => <span title={allowed(key)}>{allowed(key)}</span>,
    },
    {
      id: 'crossings',
      head: words.crossings24h,
      numeric: true,
      width: '76px',
      sort: (key) => key.crossings24h,
      csv: (key) => key.crossings24h,
      cell: (key) => <KeyDay virtualKey={key} />,
    },
    {
      id: 'refused',
      head: words.refused24h,
      numeric: true,
      width: '76px',
      sort: (key) => key.refused24h,
      csv: (key) => key.refused24h,
      cell: (key) =>
        key.refused24h === 0 ? (
          <span className="text-soft">0</span>
        ) : (
          <KeyDay virtualKey={key} decision="refused" />
        ),
    },
    {
      id: 'used',
      head: words.used,
      numeric: true,
      phone: true,
      width: '100px',
      phoneWidth: '100px',
      sort: (key) => key.lastUsedAt ?? '',
      csv: (key) => key.lastUsedAt ?? '',
      cell: (key) => (
        <span title={key.firstUsedAt === null ? undefined : words.firstUsed(key.firstUsedAt)}>
          <NumberLink to="/crossings" search={{ key: key.id }}>
            <Ago at={key.lastUsedAt} />
          </NumberLink>
        </span>
      ),
    },
    {
      id: 'state',
      head: words.state,
      width: '100px',
      sort: (key) => keyState(key, Date.now()),
      csv: (key) => keyState(key, Date.now()),
      cell: (key) => <State virtualKey={key} />,
    },
    {
      id: 'acts',
      head: words.change,
      fixed: true,
      phone: true,
      numeric: true,
      width: '96px',
      phoneWidth: '92px',
      cell: (key) =>
        keyState(key, Date.now()) === 'active' && mayChange(key) ? (
          <span className="above-row">
            <KeyMenu virtualKey={key} onAct={(act) => onAct(key, act)} />
          </span>
        ) : null,
    },
  ];
}

/** A key's crossings of the last 24 hours; opens just these. */
function KeyDay({ virtualKey, decision }: { virtualKey: VirtualKey; decision?: 'refused' }) {
  const from = dayAgo(useNow());
  const value = decision === undefined ? virtualKey.crossings24h : virtualKey.refused24h;
  return (
    <NumberLink to="/crossings" search={{ key: virtualKey.id, decision, from }}>
      {count(value)}
    </NumberLink>
  );
}
