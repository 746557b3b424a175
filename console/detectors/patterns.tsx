import { useQuery } from '@tanstack/react-query';
import { write } from '../api/client.ts';
import type { Pattern } from '../api/detector-types.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button, TextButton } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { detectors } from '../messages/pages/detectors.ts';
import { ReasonSheet } from '../policies/reason-sheet.tsx';
import type { DetectorsPatch } from './page.tsx';
import { PatternSheet } from './pattern-sheet.tsx';

const words = detectors.patterns;
const acts = ['enable', 'disable', 'remove'] as const;
const leads = { enable: words.enableLead, disable: words.disableLead, remove: words.removeLead };

/** Patterns of one's own: what they find, whether they are looked for, and all their versions. */
export function Patterns({
  act,
  of,
  onSet,
}: {
  act: string | undefined;
  of: string | undefined;
  onSet: (patch: DetectorsPatch) => void;
}) {
  const patterns = useQuery(queries.patterns());
  const may = useMay('detector.change');
  const rows = patterns.data?.items;
  const chosen = rows?.find(({ id }) => id === of);
  const close = () => onSet({ act: undefined, of: undefined });
  const add = may ? (
    <Button weight="main" onClick={() => onSet({ act: 'add' })}>
      {words.add}
    </Button>
  ) : null;
  const toState = acts.find((one) => one === act);
  return (
    <Section title={detectors.tabNames.patterns} lead={words.lead} acts={rows?.length === 0 ? null : add}>
      {patterns.error ? <Trouble error={patterns.error} onRetry={() => void patterns.refetch()} /> : null}
      {rows === undefined && !patterns.error ? <Bones lines={4} /> : null}
      {rows?.length === 0 ? (
        <Empty
          title={words.none}
          example={<code className="font-mono text-small">{words.example}</code>}
          act={add}
        >
          {words.noneWhy}
        </Empty>
      ) : null}
      {rows === undefined || rows.length === 0 ? null : (
        <PlainTable
          label={words.table}
          heads={[words.id, words.name, words.expression, detectors.fieldClass, words.state, detectors.acts]}
          numeric={[words.changed]}
        >
          {rows.map((one) => (
            <Row key={one.id} pattern={one} may={may} onSet={onSet} />
          ))}
        </PlainTable>
      )}
      {act === 'add' ? <PatternSheet key="new" pattern={null} onClose={close} /> : null}
      {act === 'change' && chosen !== undefined ? (
        <PatternSheet key={chosen.id} pattern={chosen} onClose={close} />
      ) : null}
      {act === 'versions' && of !== undefined ? <Versions id={of} onClose={close} /> : null}
      {toState !== undefined && chosen !== undefined ? (
        <ReasonSheet
          title={`${words[toState]}: ${chosen.id}`}
          submit={words[toState]}
          weight={toState === 'remove' ? 'danger' : 'main'}
          act={(reason) =>
            write('POST', `/patterns/${encodeURIComponent(chosen.id)}/${toState}`, { reason, body: {} })
          }
          onClose={close}
        >
          <p>{leads[toState]}</p>
        </ReasonSheet>
      ) : null}
    </Section>
  );
}

function Row({
  pattern,
  may,
  onSet,
}: {
  pattern: Pattern;
  may: boolean;
  onSet: (patch: DetectorsPatch) => void;
}) {
  const { id, name, state, version } = pattern;
  const open = (act: string) => () => onSet({ act, of: id });
  return (
    <tr className="h-9 border-b border-line">
      <th scope="row" className="px-3 font-mono text-small font-normal whitespace-nowrap">
        {id}
      </th>
      <td className="px-3">{name}</td>
      <td className="max-w-[280px] truncate px-3 font-mono text-small" title={pattern.pattern}>
        {pattern.pattern}
      </td>
      <td className="px-3">{classLabel(pattern.class)}</td>
      <td className="px-3 whitespace-nowrap">{words.states[state]}</td>
      <td className="px-3">
        <span className="flex gap-3 whitespace-nowrap">
          {may ? <TextButton onClick={open('change')}>{words.change}</TextButton> : null}
          {may ? (
            <TextButton onClick={open(state === 'enabled' ? 'disable' : 'enable')}>
              {state === 'enabled' ? words.disable : words.enable}
            </TextButton>
          ) : null}
          {may ? <TextButton onClick={open('remove')}>{words.remove}</TextButton> : null}
          <TextButton onClick={open('versions')}>
            {words.version} {version}
          </TextButton>
        </span>
      </td>
      <td className="px-3 text-right">
        <Ago at={pattern.changedAt} />
      </td>
    </tr>
  );
}

/** Who changed a pattern, why, and what it was. */
function Versions({ id, onClose }: { id: string; onClose: () => void }) {
  const versions = useQuery(queries.patternVersions(id));
  return (
    <Sheet open onClose={onClose} title={words.historyOf(id)}>
      {versions.error ? <Trouble error={versions.error} onRetry={() => void versions.refetch()} /> : null}
      {versions.data === undefined && !versions.error ? <Bones lines={3} /> : null}
      {versions.data === undefined ? null : (
        <PlainTable
          label={words.history}
          heads={[words.version, words.expression, words.who, words.why]}
          numeric={[words.changed]}
        >
          {versions.data.items.map((one) => (
            <tr key={one.version} className="border-b border-line">
              <th scope="row" className="px-3 py-1.5 font-normal">
                {one.version}
              </th>
              <td className="px-3 py-1.5 font-mono text-small break-all">{one.pattern}</td>
              <td className="px-3 py-1.5">{one.changedBy}</td>
              <td className="px-3 py-1.5">{one.reason}</td>
              <td className="px-3 py-1.5 text-right whitespace-nowrap">
                <Ago at={one.changedAt} />
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Sheet>
  );
}
