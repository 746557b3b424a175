import { useQuery } from '@tanstack/react-query';
import { DropdownMenu } from 'radix-ui';
import { useMemo } from 'react';
import type { Canary } from '../api/key-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import type { KeysPatch } from './page.tsx';

const words = m.keysEverywhere;

/** Canary keys: where they lie, and whether somebody used one. */
export function Canaries({ onSet }: { onSet: (patch: KeysPatch) => void }) {
  const canaries = useQuery(queries.canaries());
  const columns = useMemo(() => columnsOf(onSet), [onSet]);
  return (
    <Section title={words.canaries} lead={words.canariesLead}>
      <DataTable
        label={words.canaries}
        csvName="canary-keys"
        columns={columns}
        rows={canaries.data}
        rowId={(canary) => canary.id}
        error={canaries.error}
        onRetry={() => void canaries.refetch()}
        empty={
          <Empty
            title={words.noCanaries}
            example={<p className="border-l-3 border-line pl-4 font-strong">{words.noCanariesExample}</p>}
            act={
              <Button weight="main" onClick={() => onSet({ act: 'plant' })}>
                {words.plant}
              </Button>
            }
          >
            {words.noCanariesLead}
          </Empty>
        }
      />
    </Section>
  );
}

const stateOf = (canary: Canary): string =>
  canary.retiredAt !== null ? words.retired : canary.uses > 0 ? words.usedNow : words.watching;

function columnsOf(onSet: (patch: KeysPatch) => void): readonly Column<Canary>[] {
  return [
    {
      id: 'place',
      head: words.place,
      fixed: true,
      phone: true,
      sort: (canary) => canary.place,
      csv: (canary) => canary.place,
      cell: (canary) => <span title={canary.place}>{canary.place}</span>,
    },
    {
      id: 'looks',
      head: words.looksLike,
      width: '20%',
      csv: (canary) => words.looks(canary.vendorName, canary.form),
      cell: (canary) => words.looks(canary.vendorName, canary.form),
    },
    {
      id: 'owner',
      head: words.owner,
      width: '14%',
      sort: (canary) => canary.owner,
      csv: (canary) => canary.owner,
      cell: (canary) => canary.owner,
    },
    {
      id: 'planted',
      head: words.planted,
      numeric: true,
      width: '110px',
      sort: (canary) => canary.plantedAt,
      csv: (canary) => canary.plantedAt,
      cell: (canary) => <Ago at={canary.plantedAt} />,
    },
    {
      id: 'uses',
      head: words.uses,
      numeric: true,
      width: '72px',
      sort: (canary) => canary.uses,
      csv: (canary) => canary.uses,
      cell: (canary) => count(canary.uses),
    },
    {
      id: 'state',
      head: words.canaryState,
      width: '100px',
      phone: true,
      phoneWidth: '84px',
      sort: stateOf,
      csv: stateOf,
      cell: (canary) => (
        <span className={canary.retiredAt === null && canary.uses > 0 ? 'font-strong text-alert' : ''}>
          {stateOf(canary)}
        </span>
      ),
    },
    {
      id: 'acts',
      head: words.change,
      fixed: true,
      phone: true,
      numeric: true,
      width: '96px',
      phoneWidth: '92px',
      cell: (canary) => <CanaryMenu canary={canary} onAct={(act) => onSet({ act, key: canary.id })} />,
    },
  ];
}

const acts = ['uses', 'report', 'retire'] as const;

function CanaryMenu({ canary, onAct }: { canary: Canary; onAct: (act: string) => void }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button weight="quiet" slim aria-label={words.changeCanary(canary.place)}>
          {words.change}
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-20 rounded-md border border-line-strong bg-panel py-1 shadow-lg"
        >
          {acts
            .filter((act) => act !== 'retire' || canary.retiredAt === null)
            .map((act) => (
              <DropdownMenu.Item
                key={act}
                onSelect={() => onAct(act)}
                className="px-3 py-1 outline-none data-highlighted:bg-act-wash"
              >
                {words.canaryActs[act]}
              </DropdownMenu.Item>
            ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
