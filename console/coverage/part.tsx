import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Coverage, UsageImport } from '../api/coverage-types.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { SelectField } from '../design/field.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Exact } from '../design/time.tsx';
import { coverage as words } from '../messages/pages/coverage.ts';
import { Permitted } from '../shell/permitted.tsx';
import { useActs } from '../vendors/register/acts.ts';
import { CoverageBars } from './bars.tsx';
import { FetchActSheet, Fetching } from './fetching.tsx';
import { Findings, SettleSheet } from './findings.tsx';
import { HandInSheet } from './hand-in.tsx';
import { LinkKeySheet, SaySourceSheet, WithdrawSheet } from './say.tsx';
import { Keys, Sources } from './sources.tsx';

const DAY_MS = 86_400_000;
const cell = 'border-b border-line px-3 py-2 align-top';

/** How much of the traffic to one vendor we can account for, and what we did not see. */
export function CoveragePart({
  vendor,
  connections,
}: {
  vendor: string;
  connections: readonly { id: string; name: string }[];
}) {
  const mayRead = useMay('coverage.read');
  const { span: asked } = useSearch({ from: '/signed-in/vendors/$vendor' });
  const navigate = useNavigate({ from: '/vendors/$vendor' });
  const span = asked !== undefined && asked in words.spans ? asked : '30';
  const to = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);
  const from = new Date(Date.parse(to) - (Number(span) - 1) * DAY_MS).toISOString().slice(0, 10);
  const found = useQuery({ ...queries.coverage(vendor, from, to), enabled: mayRead });
  const acts = useActs();
  if (!mayRead) return null;
  const choose = (next: string): void =>
    void navigate({
      search: (previous) => ({ ...previous, span: next === '30' ? undefined : next }),
      replace: true,
      resetScroll: false,
    });
  return (
    <Section
      id="coverage"
      title={words.title}
      lead={words.lead}
      acts={
        <Permitted action="coverage.import">
          <Button slim onClick={() => acts.show('report')}>
            {words.handIn.button}
          </Button>
        </Permitted>
      }
    >
      {found.data === undefined ? (
        found.error === null ? (
          <Bones lines={6} />
        ) : (
          <Trouble error={found.error} onRetry={() => void found.refetch()} />
        )
      ) : (
        <div className="flex flex-col gap-6">
          <div className="flex flex-wrap items-end justify-between gap-4">
            <Answer coverage={found.data} />
            <SelectField label={words.span} value={span} onChange={({ target }) => choose(target.value)}>
              {Object.entries(words.spans).map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </SelectField>
          </div>
          <CoverageBars coverage={found.data} />
          <Findings
            coverage={found.data}
            onSettle={(finding) => acts.show('settle', finding)}
            onReopen={(finding) => acts.show('reopen', finding)}
          />
          <Sources coverage={found.data} onSay={(source) => acts.show('say-source', source)} />
          <Keys coverage={found.data} onLink={(key) => acts.show('link-key', key)} />
          <Fetching vendor={vendor} />
          <Reports vendor={vendor} onWithdraw={(report) => acts.show('withdraw-report', report)} />
          <Sheets coverage={found.data} connections={connections} />
        </div>
      )}
      <FetchActSheet vendor={vendor} />
      {acts.act === 'report' ? <HandInSheet vendor={vendor} onClose={acts.close} /> : null}
    </Section>
  );
}

function Answer({ coverage }: { coverage: Coverage }) {
  const { share, unit, wholeDays, days, missing, batch, more, standing } = coverage;
  return (
    <div className="max-w-[72ch]">
      <p className="font-strong">
        {share === 'unknown' || unit === null
          ? `? ${words.unknown}`
          : `● ${words.share(share.low, share.high, unit)}`}
      </p>
      <p>{standing.text}</p>
      <p className="text-soft">
        {words.whole(wholeDays, days.length)} {missing.length === 0 ? null : words.missing(missing)}{' '}
        {batch === 0 ? null : words.batch(batch)}{' '}
        {more === null || more === 0 || unit === null ? null : words.more(more, unit)}
      </p>
    </div>
  );
}

function Sheets({
  coverage,
  connections,
}: {
  coverage: Coverage;
  connections: readonly { id: string; name: string }[];
}) {
  const { act, of, close } = useActs();
  if (of === undefined) return null;
  switch (act) {
    case 'settle':
    case 'reopen':
      return <SettleSheet coverage={coverage} finding={of} reopen={act === 'reopen'} onClose={close} />;
    case 'link-key': {
      const linked = coverage.keys.find(({ key }) => key === of)?.connection ?? null;
      return (
        <LinkKeySheet
          vendor={coverage.vendor}
          keyId={of}
          linked={linked}
          connections={connections}
          onClose={close}
        />
      );
    }
    case 'say-source': {
      const sees = coverage.sources.find(({ name }) => name === of)?.seesGateway ?? null;
      return <SaySourceSheet source={of} sees={sees} onClose={close} />;
    }
    case 'withdraw-report':
      return <WithdrawSheet report={of} onClose={close} />;
    default:
      return null;
  }
}

function Reports({ vendor, onWithdraw }: { vendor: string; onWithdraw: (report: string) => void }) {
  const reports = useInfiniteQuery(queries.usageImports(vendor));
  const rows = reports.data?.pages.flatMap(({ items }) => items) ?? [];
  if (reports.error) return <Trouble error={reports.error} onRetry={() => void reports.refetch()} />;
  if (rows.length === 0) return null;
  const { reports: texts } = words;
  return (
    <div className="flex flex-col gap-3">
      <h3 className="font-strong">{texts.title}</h3>
      <PlainTable
        label={texts.title}
        heads={[texts.report, texts.days, texts.fetched, texts.by]}
        numeric={[texts.withdraw]}
      >
        {rows.map((row) => (
          <Report key={row.id} report={row} onWithdraw={onWithdraw} />
        ))}
      </PlainTable>
      {reports.hasNextPage ? (
        <Button slim disabled={reports.isFetchingNextPage} onClick={() => void reports.fetchNextPage()}>
          {texts.more}
        </Button>
      ) : null}
    </div>
  );
}

function Report({ report, onWithdraw }: { report: UsageImport; onWithdraw: (report: string) => void }) {
  const { reports: texts, sources } = words;
  return (
    <tr id={`report-${report.id}`}>
      <th scope="row" className={`${cell} text-left font-normal`}>
        {sources.report(report.of, report.account)}
        <span className="block font-mono text-small break-all text-soft">
          {report.name} {report.sha256.slice(0, 12)}
        </span>
      </th>
      <td className={`${cell} whitespace-nowrap tabular-nums`}>
        {report.firstDay} – {report.lastDay}
      </td>
      <td className={cell}>
        <Exact at={report.asOf} />
      </td>
      <td className={cell}>{report.by}</td>
      <td className={`${cell} text-right`}>
        <Permitted action="coverage.change">
          <Button slim aria-label={`${texts.withdraw}: ${report.name}`} onClick={() => onWithdraw(report.id)}>
            {texts.withdraw}
          </Button>
        </Permitted>
      </td>
    </tr>
  );
}
