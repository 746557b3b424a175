import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { SelectField } from '../design/field.tsx';
import { Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { map } from '../messages/pages/map.ts';
import { useChainActs } from './acts.ts';
import { ListChanges, ListRows } from './list-parts.tsx';
import { MatchSheet } from './match-sheet.tsx';
import { Watch } from './watch.tsx';

const words = map.list;

/** The list of sub-processors that a vendor publishes, as it was taken in: its rows, whose each is, and what changed when. */
export function Published({ vendor }: { vendor: string }) {
  const list = useQuery(queries.chainList(vendor));
  const versions = useQuery({ ...queries.chainListVersions(vendor), enabled: Boolean(list.data) });
  const mayChange = useMay('chain.change');
  const { act, of, show, close } = useChainActs();
  const [version, setVersion] = useState<number | null>(null);
  if (list.error) return <Trouble error={list.error} onRetry={() => void list.refetch()} />;
  const is = list.data;
  // Nothing was taken in: the section above says so, and offers it.
  if (is === undefined || is === null) return null;
  const row = act === 'chain-match' ? is.items.find(({ key }) => key === of) : undefined;
  const isOld = version !== null && version !== is.version;
  return (
    <Section
      title={words.published(is.rows, is.unmatched)}
      lead={
        <>
          {words.version(is.version)} {is.source.text}, {words.asOfWord} <Exact at={is.asOf} />.{' '}
          {is.objectionDays === null ? words.objectUnknown : words.objection(is.objectionDays)}{' '}
          {words.takenBy(is.takenBy)} <Ago at={is.takenAt} />.
        </>
      }
    >
      <Watch vendor={vendor} name={is.name} />
      {(versions.data?.length ?? 0) > 1 ? (
        <SelectField
          label={words.versions}
          value={String(version ?? is.version)}
          onChange={({ target }) => setVersion(Number(target.value))}
        >
          {versions.data?.map((one) => (
            <option key={one.version} value={one.version}>
              {words.versionOf(one.version, one.asOf.slice(0, 10), one.rows)}
            </option>
          ))}
        </SelectField>
      ) : null}
      {isOld ? (
        <OldVersion vendor={vendor} version={version} onNewest={() => setVersion(null)} />
      ) : (
        <>
          <ListChanges list={is} />
          <ListRows
            list={is}
            {...(mayChange ? { onMatch: (key: string) => show('chain-match', key) } : {})}
          />
        </>
      )}
      {row === undefined ? null : <MatchSheet list={is} row={row} onClose={close} />}
    </Section>
  );
}

function OldVersion({
  vendor,
  version,
  onNewest,
}: {
  vendor: string;
  version: number;
  onNewest: () => void;
}) {
  const list = useQuery(queries.chainListVersion(vendor, version));
  return (
    <>
      <div>
        <Button slim onClick={onNewest}>
          {words.newest}
        </Button>
      </div>
      {list.error ? <Trouble error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.data === undefined ? (
        <Bones lines={4} />
      ) : (
        <>
          <ListChanges list={list.data} />
          <ListRows list={list.data} />
        </>
      )}
    </>
  );
}
