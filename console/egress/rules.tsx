import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { EgressRules } from '../api/egress-types.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button, TextLink } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { useVendorNames } from '../discover/names.ts';
import { egressRules as words } from '../messages/pages/egress-rules.ts';
import { Permitted } from '../shell/permitted.tsx';
import { entriesOf, listNames } from './lists.ts';

const cell = 'border-b border-line px-3 py-2 align-top';
const SHOWN = 8;

/** What is on each list, what it does, and the way to change it. */
export function RulesPart({ rules, onEdit }: { rules: EgressRules; onEdit: (what: string) => void }) {
  const nameOf = useVendorNames();
  const { version, changedBy, reason, apps, sni } = rules;
  return (
    <Section
      title={words.title}
      lead={changedBy === null ? undefined : words.lead(version, changedBy, reason ?? '')}
    >
      <PlainTable label={words.table} heads={[words.list, words.has]} numeric={[words.change]}>
        <Row
          name={words.apps}
          does={words.appsDo}
          onEdit={() => onEdit('apps')}
          entries={apps.map(({ name }) => name)}
        />
        {listNames.map((list) => (
          <Row
            key={list}
            name={words.names[list]}
            does={words.means[list]}
            onEdit={() => onEdit(list)}
            entries={list.endsWith('vendors') ? entriesOf(rules, list).map(nameOf) : entriesOf(rules, list)}
            isCode={!list.endsWith('vendors')}
          />
        ))}
        <Row
          name={words.sni}
          does={words.sniDoes}
          onEdit={() => onEdit('sni')}
          entries={[sni ? words.sniOn : words.sniOff]}
        />
        <Severed />
      </PlainTable>
    </Section>
  );
}

function Row({
  name,
  does,
  entries,
  isCode = false,
  onEdit,
}: {
  name: string;
  does: string;
  entries: readonly string[];
  isCode?: boolean;
  onEdit: () => void;
}) {
  const more = entries.length - SHOWN;
  return (
    <Line name={name} does={does} act={<Act name={name} onEdit={onEdit} />}>
      {entries.length === 0 ? (
        <span className="text-soft">{words.nothing}</span>
      ) : (
        <span title={entries.join(', ')} className={isCode ? 'font-mono text-small break-all' : ''}>
          {entries.slice(0, SHOWN).join(', ')}
        </span>
      )}
      {more > 0 ? ` ${words.more(more)}` : null}
    </Line>
  );
}

function Act({ name, onEdit }: { name: string; onEdit: () => void }) {
  return (
    <Permitted action="egress.change">
      <Button slim aria-label={words.changeOf(name)} onClick={onEdit}>
        {words.change}
      </Button>
    </Permitted>
  );
}

function Line({
  name,
  does,
  act,
  children,
}: {
  name: string;
  does: string;
  act: ReactNode;
  children: ReactNode;
}) {
  return (
    <tr>
      <th scope="row" className={`${cell} max-w-[44ch] text-left font-normal`}>
        <span className="font-strong">{name}</span>
        <span className="block text-small text-soft">{does}</span>
      </th>
      <td className={`${cell} max-w-[44ch] break-words`}>{children}</td>
      <td className={`${cell} text-right`}>{act}</td>
    </tr>
  );
}

/** Whose connections are severed: that is changed where the connection is. */
function Severed() {
  const mayRead = useMay('connection.read');
  const severed = (useQuery({ ...queries.connections(), enabled: mayRead }).data ?? []).filter(
    ({ state }) => state === 'severed',
  );
  return (
    <Line name={words.severed} does={words.severedDo} act={null}>
      {severed.length === 0 ? (
        <span className="text-soft">{mayRead ? words.nothing : words.severedBy}</span>
      ) : (
        severed.map(({ id, name }, index) => (
          <span key={id}>
            {index === 0 ? null : ', '}
            <TextLink to="/connections/$connection" params={{ connection: id }}>
              {name}
            </TextLink>
          </span>
        ))
      )}
    </Line>
  );
}
