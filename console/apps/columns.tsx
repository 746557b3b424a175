import type { VirtualKey } from '../api/types.ts';
import { Button, NumberLink } from '../design/button.tsx';
import { shortId } from '../design/format.ts';
import type { Column } from '../design/table/columns.ts';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.apps;

export function keyState(key: VirtualKey, now: number): 'active' | 'revoked' | 'expired' {
  if (key.revokedAt !== null) return 'revoked';
  return key.expiresAt !== null && Date.parse(key.expiresAt) <= now ? 'expired' : 'active';
}

export function keyColumns(
  connectionNames: ReadonlyMap<string, string>,
  onRevoke: (key: VirtualKey) => void,
): readonly Column<VirtualKey>[] {
  const named = (key: VirtualKey): string =>
    key.connections.map((id) => connectionNames.get(id) ?? id).join(', ');
  return [
    {
      id: 'app',
      head: words.app,
      fixed: true,
      phone: true,
      sort: (key) => key.app.name,
      csv: (key) => key.app.name,
      cell: (key) => (
        <span className="row-link rounded-sm" tabIndex={-1}>
          {key.app.name}
        </span>
      ),
    },
    {
      id: 'key',
      head: words.key,
      width: '148px',
      csv: (key) => key.id,
      cell: (key) => (
        <span className="font-mono text-small" title={`dbk_${key.id}_…`}>
          {shortId(key.id)}
        </span>
      ),
    },
    {
      id: 'kind',
      head: words.kind,
      width: '108px',
      sort: (key) => key.kind,
      csv: (key) => key.kind,
      cell: (key) => words.kinds[key.kind],
    },
    {
      id: 'connections',
      head: words.connections,
      width: '22%',
      csv: named,
      cell: (key) => <span title={named(key)}>{named(key)}</span>,
    },
    {
      id: 'created',
      head: words.created,
      numeric: true,
      width: '100px',
      sort: (key) => key.createdAt,
      csv: (key) => key.createdAt,
      cell: (key) => <Ago at={key.createdAt} />,
    },
    {
      id: 'used',
      head: words.used,
      numeric: true,
      phone: true,
      width: '108px',
      phoneWidth: '100px',
      sort: (key) => key.lastUsedAt ?? '',
      csv: (key) => key.lastUsedAt ?? '',
      cell: (key) => (
        <NumberLink to="/crossings" search={{ app: key.app.id }}>
          <Ago at={key.lastUsedAt} />
        </NumberLink>
      ),
    },
    {
      id: 'state',
      head: words.state,
      width: '88px',
      sort: (key) => keyState(key, Date.now()),
      csv: (key) => keyState(key, Date.now()),
      cell: (key) => words.states[keyState(key, Date.now())],
    },
    {
      id: 'revoke',
      head: words.revoke,
      fixed: true,
      phone: true,
      numeric: true,
      width: '96px',
      phoneWidth: '84px',
      cell: (key) =>
        key.revokedAt === null ? (
          <span className="above-row">
            <Button weight="quiet" slim onClick={() => onRevoke(key)}>
              {words.revoke}
            </Button>
          </span>
        ) : null,
    },
  ];
}
