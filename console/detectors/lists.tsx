import { useQuery } from '@tanstack/react-query';
import { write } from '../api/client.ts';
import type { KnownList } from '../api/detector-types.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button, TextButton } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { count } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { detectors } from '../messages/pages/detectors.ts';
import { ReasonSheet } from '../policies/reason-sheet.tsx';
import { BeginSheet } from './begin-sheet.tsx';
import { Look } from './look.tsx';
import type { DetectorsPatch } from './page.tsx';
import { TakeSheet } from './take-sheet.tsx';

const words = detectors.lists;
type Kind = KnownList['kind'];
const texts: Record<Kind, Record<'lead' | 'table' | 'begin' | 'none' | 'why' | 'example', string>> = {
  people: {
    lead: words.peopleLead,
    table: words.peopleTable,
    begin: words.beginPeople,
    none: words.nonePeople,
    why: words.nonePeopleWhy,
    example: words.examplePeople,
  },
  words: {
    lead: words.wordsLead,
    table: words.wordsTable,
    begin: words.beginWords,
    none: words.noneWords,
    why: words.noneWordsWhy,
    example: words.exampleWords,
  },
};

/** Lists of people or of words: how many they hold, and since when. What they hold is shown to who asks for it. */
export function Lists({
  kind,
  act,
  of,
  onSet,
}: {
  kind: Kind;
  act: string | undefined;
  of: string | undefined;
  onSet: (patch: DetectorsPatch) => void;
}) {
  const lists = useQuery(queries.knownLists());
  const may = useMay('directory.import');
  const rows = lists.data?.items.filter((list) => list.kind === kind);
  const chosen = rows?.find(({ id }) => id === of);
  const close = () => onSet({ act: undefined, of: undefined });
  const said = texts[kind];
  const begin = may ? (
    <Button weight="main" onClick={() => onSet({ act: 'begin' })}>
      {said.begin}
    </Button>
  ) : null;
  return (
    <Section title={detectors.tabNames[kind]} lead={said.lead} acts={rows?.length === 0 ? null : begin}>
      {lists.error ? <Trouble error={lists.error} onRetry={() => void lists.refetch()} /> : null}
      {rows === undefined && !lists.error ? <Bones lines={4} /> : null}
      {rows?.length === 0 ? (
        <Empty
          title={said.none}
          example={<pre className="font-mono text-small">{said.example}</pre>}
          act={begin}
        >
          {said.why}
        </Empty>
      ) : null}
      {rows === undefined || rows.length === 0 ? null : (
        <PlainTable
          label={said.table}
          heads={
            kind === 'words'
              ? [words.name, detectors.fieldClass, detectors.acts]
              : [words.name, detectors.acts]
          }
          numeric={[words.entries, words.forms, words.imported]}
        >
          {rows.map((list) => (
            <Row key={list.id} list={list} may={may} onSet={onSet} />
          ))}
        </PlainTable>
      )}
      {act === 'begin' ? (
        <BeginSheet kind={kind} onClose={close} onBegun={(id) => onSet({ act: 'take', of: id })} />
      ) : null}
      {act === 'take' && chosen !== undefined ? (
        <TakeSheet key={chosen.id} list={chosen} onClose={close} />
      ) : null}
      {act === 'look' && chosen !== undefined ? <Look key={chosen.id} list={chosen} onClose={close} /> : null}
      {act === 'remove' && chosen !== undefined ? (
        <ReasonSheet
          title={words.removeTitle(chosen.name)}
          submit={words.remove}
          weight="danger"
          act={(reason) => write('DELETE', `/known-lists/${encodeURIComponent(chosen.id)}`, { reason })}
          onClose={close}
        >
          <p>{words.removeLead(chosen.entries)}</p>
        </ReasonSheet>
      ) : null}
    </Section>
  );
}

function Row({
  list,
  may,
  onSet,
}: {
  list: KnownList;
  may: boolean;
  onSet: (patch: DetectorsPatch) => void;
}) {
  const mayLook = useMay('directory.show');
  const open = (act: string) => () => onSet({ act, of: list.id });
  return (
    <tr className="h-9 border-b border-line">
      <th scope="row" className="px-3 font-strong">
        {list.name}
      </th>
      {list.kind === 'words' ? <td className="px-3">{classLabel(list.class ?? '')}</td> : null}
      <td className="px-3">
        <span className="flex gap-3 whitespace-nowrap">
          {may ? <TextButton onClick={open('take')}>{words.take}</TextButton> : null}
          {mayLook && list.entries > 0 ? <TextButton onClick={open('look')}>{words.show}</TextButton> : null}
          {may ? <TextButton onClick={open('remove')}>{words.remove}</TextButton> : null}
        </span>
      </td>
      <td className="px-3 text-right tabular-nums">{count(list.entries)}</td>
      <td className="px-3 text-right tabular-nums">{count(list.forms)}</td>
      <td className="px-3 text-right whitespace-nowrap">
        {list.importedAt === null ? words.never : <Ago at={list.importedAt} />}
      </td>
    </tr>
  );
}
