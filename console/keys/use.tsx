import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { KeyUse } from '../api/key-types.ts';
import { queries } from '../api/queries.ts';
import { Button, NumberLink } from '../design/button.tsx';
import { Filter } from '../design/filter.tsx';
import { count, shortId } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { m } from '../messages/en.ts';
import type { KeysPatch } from './page.tsx';

const words = m.keysEverywhere;

const findingChoices = Object.entries(words.findings).map(([value, label]) => ({ value, label }));
const dayChoices = Object.entries(words.daysChoice).map(([value, label]) => ({ value, label }));

/** What virtual keys may do and do not. */
export function Use({
  days,
  finding,
  onSet,
}: {
  days: '30' | '90';
  finding: string | undefined;
  onSet: (patch: KeysPatch) => void;
}) {
  const use = useQuery(queries.keyUse(days));
  const connections = useQuery(queries.connections());
  const columns = useMemo(
    () => columnsOf(new Map(connections.data?.map(({ id, name }) => [id, name])), onSet),
    [connections.data, onSet],
  );
  const rows = useMemo(
    () =>
      use.data?.items.filter((key) => finding === undefined || key.findings.some((one) => one === finding)),
    [use.data, finding],
  );
  return (
    <Section title={words.use} lead={words.useLead(Number(days))}>
      <DataTable
        label={words.use}
        csvName="use-of-keys"
        columns={columns}
        rows={rows}
        rowId={(key) => key.id}
        error={use.error}
        onRetry={() => void use.refetch()}
        tools={
          <>
            <Filter
              label={words.days}
              value={days === '30' ? undefined : days}
              options={dayChoices}
              onChoose={(chosen) => onSet({ days: chosen })}
            />
            <Filter
              label={words.finding}
              value={finding}
              options={findingChoices}
              onChoose={(chosen) => onSet({ finding: chosen })}
            />
          </>
        }
        empty={<Empty title={words.noKeys} />}
      />
    </Section>
  );
}

function columnsOf(
  names: ReadonlyMap<string, string>,
  onSet: (patch: KeysPatch) => void,
): readonly Column<KeyUse>[] {
  const unused = ({ crossings, unused: { connections, classes, models } }: KeyUse): string =>
    crossings === 0
      ? words.unusedNotUsed
      : words.unusedText(
          connections.map((id) => names.get(id) ?? id),
          classes,
          models,
        ) || words.unusedNone;
  const found = (key: KeyUse): string => key.findings.map((one) => words.findings[one] ?? one).join(', ');
  return [
    {
      id: 'app',
      head: words.app,
      fixed: true,
      phone: true,
      width: '18%',
      sort: (key) => key.app.name,
      csv: (key) => key.app.name,
      cell: (key) => (
        <Link to="/apps/$app" params={{ app: key.app.id }} className="row-link no-underline">
          {key.app.name}
        </Link>
      ),
    },
    {
      id: 'key',
      head: words.key,
      width: '124px',
      csv: (key) => key.id,
      cell: (key) => (
        <span className="font-mono text-small" title={`dbk_${key.id}_…`}>
          {shortId(key.id)}
        </span>
      ),
    },
    {
      id: 'unused',
      head: words.unused,
      csv: unused,
      cell: (key) => <span title={unused(key)}>{unused(key)}</span>,
    },
    {
      id: 'found',
      head: words.found,
      width: '26%',
      csv: found,
      cell: (key) => <span title={found(key)}>{found(key)}</span>,
    },
    {
      id: 'crossings',
      head: words.crossings,
      numeric: true,
      width: '96px',
      sort: (key) => key.crossings,
      csv: (key) => key.crossings,
      cell: (key) => (
        <NumberLink to="/crossings" search={{ key: key.id }}>
          {count(key.crossings)}
        </NumberLink>
      ),
    },
    {
      id: 'act',
      head: words.tighten,
      fixed: true,
      phone: true,
      numeric: true,
      width: '104px',
      phoneWidth: '104px',
      cell: (key) =>
        key.proposal === null ? null : (
          <span className="above-row">
            <Button
              slim
              weight="quiet"
              aria-label={words.tightenKey(key.id, key.app.name)}
              onClick={() => onSet({ act: 'tighten', key: key.id })}
            >
              {words.tighten}
            </Button>
          </span>
        ),
    },
  ];
}
