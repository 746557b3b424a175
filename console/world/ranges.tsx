import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import type { ProviderRanges } from '../api/residency-types.ts';
import { Button } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { count } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Exact } from '../design/time.tsx';
import { residency } from '../messages/pages/residency.ts';
import { Permitted } from '../shell/permitted.tsx';
import { BringSheet } from './bring-sheet.tsx';

const words = residency.ranges;
const cell = 'border-b border-line px-3 py-2 align-top';
const DAY_MS = 86_400_000;

/** The tables of providers' networks by which addresses are placed: which is in use, how old its lists are, another one. */
export function Ranges({ isOpen, onOpen }: { isOpen: boolean; onOpen: (open: boolean) => void }) {
  const found = useQuery(queries.residencyRanges());
  const [inUse] = found.data?.items ?? [];
  const days = (inUse?.sources ?? []).map(({ asOf }) => Math.floor((Date.now() - Date.parse(asOf)) / DAY_MS));
  return (
    <Section
      id="ranges"
      title={words.title}
      lead={
        <>
          {words.lead} {days.length === 0 ? null : words.old(Math.max(0, ...days))}
        </>
      }
      acts={
        <Permitted action="residency.change">
          <Button slim onClick={() => onOpen(true)}>
            {words.bring}
          </Button>
        </Permitted>
      }
    >
      {found.data === undefined ? (
        found.error === null ? (
          <Bones lines={3} />
        ) : (
          <Trouble error={found.error} onRetry={() => void found.refetch()} />
        )
      ) : found.data.items.length === 0 ? (
        <div className="flex flex-col gap-3">
          <p>? {words.none}</p>
          <p className="text-soft">{words.make}</p>
          <CodeBlock code={words.code} label={words.makeLabel} />
        </div>
      ) : (
        <PlainTable
          label={words.table}
          heads={[words.version, words.of, words.by, words.why]}
          numeric={[words.networks]}
        >
          {found.data.items.map((table, index) => (
            <Table key={table.version} table={table} isInUse={index === 0} />
          ))}
        </PlainTable>
      )}
      {isOpen ? <BringSheet onClose={() => onOpen(false)} /> : null}
    </Section>
  );
}

function Table({ table, isInUse }: { table: ProviderRanges; isInUse: boolean }) {
  const { version, sha256, sources, ranges, broughtAt, broughtBy, reason } = table;
  return (
    <tr>
      <th scope="row" className={`${cell} text-left font-normal`}>
        {version}
        {isInUse ? <span className="font-strong">, {words.inUse}</span> : null}
        <span className="block font-mono text-small text-soft" title={sha256}>
          {sha256.slice(0, 12)}
        </span>
      </th>
      <td className={cell}>
        {sources.map(({ provider, asOf, sha256: of, url }) => (
          <span key={provider} className="block" title={`${url} SHA-256 ${of}`}>
            {words.list(provider, asOf)}
          </span>
        ))}
      </td>
      <td className={cell}>
        {broughtBy}
        <span className="block text-small whitespace-nowrap text-soft">
          <Exact at={broughtAt} />
        </span>
      </td>
      <td className={`${cell} break-words`}>{reason}</td>
      <td className={`${cell} text-right`}>{count(ranges)}</td>
    </tr>
  );
}
