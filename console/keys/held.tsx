import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { HeldKey, KeyInventory } from '../api/key-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { Filter } from '../design/filter.tsx';
import { count } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import type { KeysPatch } from './page.tsx';

const words = m.keysEverywhere;
const findingChoices = Object.entries(words.heldFindings).map(([value, label]) => ({ value, label }));

/** Keys that are held elsewhere, as imported lists say. */
export function Held({
  source,
  finding,
  sources,
  onSet,
}: {
  source: string | undefined;
  finding: string | undefined;
  sources: KeyInventory['sources'] | undefined;
  onSet: (patch: KeysPatch) => void;
}) {
  const held = useQuery(queries.heldKeys({ source, finding }));
  const columns = useMemo(() => columnsOf(onSet), [onSet]);
  const act = (
    <Button weight="main" onClick={() => onSet({ act: 'import' })}>
      {words.import}
    </Button>
  );
  return (
    <Section title={words.heldTitle} lead={words.heldLead}>
      {sources?.length === 0 ? (
        <Empty
          title={words.noHeld}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.noHeldExample}</p>}
          act={act}
        >
          {words.noHeldLead}
        </Empty>
      ) : (
        <DataTable
          label={words.heldTitle}
          csvName="keys-held-elsewhere"
          columns={columns}
          rows={held.data}
          rowId={(key) => key.id}
          error={held.error}
          onRetry={() => void held.refetch()}
          tools={
            <>
              <Filter
                label={words.source}
                value={source}
                options={(sources ?? []).map((one) => ({ value: one.source, label: one.source }))}
                onChoose={(chosen) => onSet({ source: chosen })}
              />
              <Filter
                label={words.finding}
                value={finding}
                options={findingChoices}
                onChoose={(chosen) => onSet({ held: chosen })}
              />
            </>
          }
          empty={<Empty title={words.noHeldFits} act={act} />}
        />
      )}
    </Section>
  );
}

function columnsOf(onSet: (patch: KeysPatch) => void): readonly Column<HeldKey>[] {
  const found = (key: HeldKey): string =>
    [
      ...key.findings.map((one) => words.heldFindings[one] ?? one),
      ...(key.active ? [] : [words.inactive]),
    ].join(', ');
  return [
    {
      id: 'label',
      head: words.name,
      fixed: true,
      phone: true,
      sort: (key) => key.label,
      csv: (key) => key.label,
      cell: (key) => <span title={key.externalId}>{key.label}</span>,
    },
    {
      id: 'source',
      head: words.source,
      width: '16%',
      sort: (key) => key.source,
      csv: (key) => key.source,
      cell: (key) => <span title={key.source}>{key.source}</span>,
    },
    {
      id: 'owner',
      head: words.owner,
      width: '12%',
      sort: (key) => key.owner ?? '',
      csv: (key) => key.owner ?? '',
      cell: (key) => key.owner ?? <span className="text-soft">{m.common.unknown}</span>,
    },
    {
      id: 'place',
      head: words.place,
      width: '12%',
      sort: (key) => key.place ?? '',
      csv: (key) => key.place ?? '',
      cell: (key) => key.place ?? <span className="text-soft">{m.common.unknown}</span>,
    },
    {
      id: 'age',
      head: words.ageDays,
      numeric: true,
      width: '92px',
      sort: (key) => key.ageDays ?? -1,
      csv: (key) => key.ageDays ?? '',
      cell: (key) =>
        key.ageDays === null ? <span className="text-soft">{m.common.unknown}</span> : count(key.ageDays),
    },
    {
      id: 'used',
      head: words.lastUsed,
      numeric: true,
      width: '100px',
      sort: (key) => key.lastUsedAt ?? '',
      csv: (key) => key.lastUsedAt ?? key.use,
      cell: (key) =>
        key.lastUsedAt !== null ? (
          <Ago at={key.lastUsedAt} />
        ) : (
          <span className="text-soft">{key.use === 'never' ? words.neverUsed : words.useUnknown}</span>
        ),
    },
    {
      id: 'found',
      head: words.found,
      width: '20%',
      csv: found,
      cell: (key) => <span title={found(key)}>{found(key)}</span>,
    },
    {
      id: 'act',
      head: words.change,
      fixed: true,
      phone: true,
      numeric: true,
      width: '96px',
      phoneWidth: '92px',
      cell: (key) => (
        <Button
          slim
          weight="quiet"
          aria-label={words.changeHeld(key.label)}
          onClick={() => onSet({ act: 'held', key: key.id })}
        >
          {words.change}
        </Button>
      ),
    },
  ];
}
