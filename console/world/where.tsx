import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { JudgedStatement, SeenPlace, TransferBasis } from '../api/residency-types.ts';
import { Button, NumberLink, TextButton } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { residency } from '../messages/pages/residency.ts';
import { Permitted } from '../shell/permitted.tsx';
import { useActs } from '../vendors/register/acts.ts';
import { DeclareSheet } from './declare.tsx';
import { DemandList, type Held } from './demand.tsx';
import { placeName } from './names.ts';
import { type StatementAct, StatementSheets } from './statement-acts.tsx';
import { VerdictMark } from './verdict.tsx';

const words = m.world.where;
const change = residency.statement;
const cell = 'border-b border-line px-3 py-2 align-top';

/** Where one vendor keeps data: as declared and as seen, and how they fit. */
export function Where({ vendor, connections }: { vendor: string; connections: readonly Held[] }) {
  const { declare } = useSearch({ from: '/signed-in/vendors/$vendor' });
  const navigate = useNavigate({ from: '/vendors/$vendor' });
  const acts = useActs();
  const mayRead = useMay('residency.read');
  const where = useQuery({ ...queries.where(vendor), enabled: mayRead });
  if (!mayRead) return null;
  if (where.data === undefined) {
    return where.error === null ? null : (
      <Section title={words.title}>
        <Trouble error={where.error} onRetry={() => void where.refetch()} />
      </Section>
    );
  }
  const { statements, seen } = where.data;
  const opened = statements.find(({ statement }) => statement.id === acts.of);
  const set = (shown: 'true' | undefined): void =>
    void navigate({
      search: (previous) => ({ ...previous, declare: shown }),
      replace: true,
      resetScroll: false,
    });
  return (
    <Section
      id="where"
      title={words.title}
      lead={words.lead}
      acts={
        <Permitted action="residency.change">
          <Button slim onClick={() => set('true')}>
            {m.world.declare.button}
          </Button>
        </Permitted>
      }
    >
      {statements.length === 0 ? (
        <p>{words.none}</p>
      ) : (
        <PlainTable
          label={words.statements}
          heads={[words.what, words.place, words.verdict, words.basis, words.source, words.asOf]}
          numeric={[change.act]}
        >
          {statements.map((one) => (
            <Statement
              key={one.statement.id}
              judged={one}
              onAct={(next) => acts.show(next, one.statement.id)}
            />
          ))}
        </PlainTable>
      )}
      {seen.length === 0 ? (
        <p>{words.noneSeen}</p>
      ) : (
        <PlainTable
          label={words.seen}
          heads={[words.host, words.place, words.address, words.how]}
          numeric={[words.last]}
        >
          {seen.slice(0, 20).map((one) => (
            <Seen key={seenKey(one)} seen={one} />
          ))}
        </PlainTable>
      )}
      <DemandList connections={connections} />
      {opened === undefined ? null : (
        <StatementSheets
          key={`${acts.act} ${acts.of}`}
          act={acts.act}
          statement={opened.statement}
          onClose={acts.close}
        />
      )}
      {declare === 'true' ? <DeclareSheet vendor={vendor} onClose={() => set(undefined)} /> : null}
    </Section>
  );
}

function Statement({
  judged: { statement, verdict, says },
  onAct,
}: {
  judged: JudgedStatement;
  onAct: (act: StatementAct) => void;
}) {
  const { service, class: of, bases, conditions, version } = statement;
  const [what, place] = [m.world.kinds[statement.kind], placeName(statement.place)];
  const only = [service, of === null ? null : classLabel(of), ...Object.values(conditions)].filter(
    (part) => typeof part === 'string',
  );
  return (
    <tr>
      <th scope="row" className={`${cell} text-left font-normal`}>
        ○ {m.world.kinds[statement.kind]}
        {only.length === 0 ? null : <span className="block text-small text-soft">{only.join(', ')}</span>}
      </th>
      <td className={cell}>{placeName(statement.place)}</td>
      <td className={cell}>
        <VerdictMark verdict={verdict} />
        <span className="block text-small text-soft">{says}</span>
      </td>
      <td className={cell}>{bases.length === 0 ? words.noBasis : bases.map(basisText).join('; ')}</td>
      <td className={`${cell} max-w-[280px] break-words`}>{statement.source}</td>
      <td className={`${cell} whitespace-nowrap tabular-nums`}>
        {statement.asOf}
        {version === 1 ? null : (
          <TextButton aria-label={change.versionsOf(what, place, version)} onClick={() => onAct('versions')}>
            {change.versions(version)}
          </TextButton>
        )}
      </td>
      <td className={`${cell} text-right`}>
        <Permitted action="residency.change">
          <span className="inline-flex gap-2">
            <Button slim aria-label={change.changeOf(what, place)} onClick={() => onAct('restate')}>
              {change.change}
            </Button>
            <Button slim aria-label={change.withdrawOf(what, place)} onClick={() => onAct('unstate')}>
              {change.withdraw}
            </Button>
          </span>
        </Permitted>
      </td>
    </tr>
  );
}

const seenKey = ({ connection, host, address, evidence }: SeenPlace): string =>
  JSON.stringify([connection?.id, host, address, evidence]);

function Seen({ seen }: { seen: SeenPlace }) {
  return (
    <tr>
      <th scope="row" className={`${cell} text-left font-mono text-small font-normal`}>
        {seen.host ?? words.hostGone}
        <span className="block text-small text-soft">
          {words.seenBy[seen.source]}
          {seen.evidence === null ? null : `: ${seen.evidence.source}, ${seen.evidence.file}`}
        </span>
      </th>
      <td className={cell}>● {placeName(seen.found.place)}</td>
      <td className={`${cell} font-mono text-small`}>{seen.address}</td>
      <td className={`${cell} max-w-[420px]`}>{seen.found.says}</td>
      <td className={`${cell} text-right`}>
        {seen.lastCrossing === null ? (
          <Ago at={seen.lastAt} />
        ) : (
          <NumberLink to="/crossings/$crossing" params={{ crossing: seen.lastCrossing }}>
            <Ago at={seen.lastAt} />
          </NumberLink>
        )}
      </td>
    </tr>
  );
}

function basisText(basis: TransferBasis): string {
  const text = m.world.basis;
  switch (basis.kind) {
    case 'eea':
      return text.eea;
    case 'bcr':
      return text.bcr;
    case 'adequacy':
      return text.adequacy(basis.country);
    case 'dpf':
      return text.dpf(basis.certified);
    case 'scc':
      return text.scc(basis.modules.join(', '), basis.assessedOn);
    case 'derogation':
      return text.derogation(basis.letter);
  }
}
