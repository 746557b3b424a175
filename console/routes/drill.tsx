import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { readText } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { RecoveryDrill, RecoveryReport } from '../api/route-types.ts';
import { Button, ButtonLink, NumberLink, TextLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { saveAs } from '../design/save.ts';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Exact } from '../design/time.tsx';
import { routes } from '../messages/pages/routes.ts';
import { Running, StopDrill } from './running.tsx';

const all = routes.drills;
const words = all.page;
const outcomes = ['answered', 'held', 'dropped', 'failed', 'open'] as const;

/** One drill: while it runs, what has happened so far; then its report. */
export function RecoveryDrillPage() {
  const { drill: id } = useParams({ from: '/signed-in/recovery-drills/$drill' });
  const found = useQuery(queries.recoveryDrill(id));
  if (found.data === undefined) {
    return (
      <PageFrame tab={all.title} title={all.title}>
        {found.error === null ? (
          <Bones lines={8} />
        ) : (
          <Trouble error={found.error} onRetry={() => void found.refetch()} />
        )}
      </PageFrame>
    );
  }
  const drill = found.data;
  const { report, vendor, app } = drill;
  return (
    <PageFrame
      tab={all.open(vendor.name)}
      title={titleOf(drill)}
      lead={drill.reason}
      acts={
        <>
          {app === null ? null : (
            <ButtonLink to="/apps/$app/routes" params={{ app: app.id }}>
              {routes.tab(app.name)}
            </ButtonLink>
          )}
          {drill.reportHash === null ? null : (
            <Button
              onClick={() =>
                void readText(`/recovery-drills/${drill.id}/report`).then((text) =>
                  saveAs(`recovery-drill-${drill.id}.json`, [text], 'application/json'),
                )
              }
            >
              {words.file}
            </Button>
          )}
          {drill.state === 'planned' ? <StopDrill drill={drill} /> : null}
        </>
      }
    >
      {drill.state === 'running' ? <Running drill={drill} /> : null}
      {report?.verdict === 'unknown' && drill.state !== 'running' ? <Note>{words.unknownWhy}</Note> : null}
      <Facts
        facts={[
          [
            all.vendor,
            <TextLink key="vendor" to="/vendors/$vendor" params={{ vendor: vendor.id }}>
              {vendor.name}
            </TextLink>,
          ],
          [words.whose, all.scope(drill.share, app?.name ?? null)],
          [words.from, <Exact key="from" at={drill.beganAt ?? drill.startsAt} />],
          ...(drill.until === null ? [] : [[words.until, <Exact key="until" at={drill.until} />] as const]),
          ...(drill.everyDays === null ? [] : [[words.next, words.everyDays(drill.everyDays)] as const]),
          [words.plannedBy, drill.plannedBy],
          ...(drill.endedAt === null
            ? []
            : [
                [
                  words.ended,
                  <span key="ended">
                    <Exact at={drill.endedAt} />, {all.states[drill.state]}
                    {drill.endReason === null ? '' : `: ${drill.endReason}`}
                  </span>,
                ] as const,
              ]),
          ...(report === null
            ? []
            : [
                [
                  words.hash,
                  drill.reportHash === null ? (
                    words.noHash
                  ) : (
                    <span key="hash" className="break-all font-mono text-small">
                      {drill.reportHash}
                    </span>
                  ),
                ] as const,
              ]),
        ]}
      />
      {report === null ? null : <Report report={report} app={app?.id} />}
    </PageFrame>
  );
}

function titleOf({ state, vendor, report }: RecoveryDrill): string {
  const { titles } = words;
  if (state === 'planned' || state === 'skipped' || state === 'cancelled') return titles[state](vendor.name);
  if (report === null || report.verdict === 'unknown') return titles.unknown(vendor.name);
  const { requests, failed, dropped } = report.counts;
  const around = (report.egress?.refused ?? 0) + (report.egress?.ended ?? 0);
  if (report.verdict === 'breaks' && failed + dropped === 0) return titles.around(vendor.name, around);
  return report.verdict === 'breaks'
    ? titles.breaks(vendor.name, failed + dropped, requests)
    : titles.recovers(vendor.name, requests);
}

function Report({ report, app }: { report: RecoveryReport; app: string | undefined }) {
  const { counts, before, answerMs, apps, answeredBy, egress } = report;
  const span = { from: report.from, to: report.until, ...(app === undefined ? {} : { app }) };
  return (
    <>
      <Section title={words.counts}>
        <Table
          label={words.counts}
          heads={[words.outcome, words.count]}
          rows={outcomes.map((outcome) => [
            words.outcomes[outcome],
            <NumberLink
              key={outcome}
              to="/crossings"
              search={span}
              label={`${words.crossings}: ${count(counts[outcome])}`}
            >
              {count(counts[outcome])}
            </NumberLink>,
          ])}
        />
        <Facts
          facts={[
            [
              words.byWhom,
              answeredBy.length === 0
                ? words.nobody
                : answeredBy
                    .map(({ connection, answered }) => `${connection.name} (${count(answered)})`)
                    .join(', '),
            ],
            [words.first, words.ms(report.firstAnswerAfterMs)],
          ]}
        />
      </Section>
      <Section title={words.compared}>
        <Table
          label={words.compared}
          heads={[words.what, words.before, words.inDrill]}
          rows={[
            [words.requests, count(before.requests), count(counts.requests)],
            [words.answered, count(before.answered), count(counts.answered)],
            [words.median, words.ms(before.answerMs.median), words.ms(answerMs.median)],
            [words.p95, words.ms(before.answerMs.p95), words.ms(answerMs.p95)],
            [words.longest, words.ms(before.answerMs.longest), words.ms(answerMs.longest)],
          ]}
        />
      </Section>
      <Section title={words.apps}>
        <Table
          label={words.apps}
          heads={[
            words.apps,
            words.requests,
            ...outcomes.map((outcome) => words.outcomes[outcome] ?? outcome),
          ]}
          rows={apps.map((row) => [
            row.app.name,
            count(row.requests),
            ...outcomes.map((outcome) => count(row[outcome])),
          ])}
        />
      </Section>
      {egress === undefined ? null : (
        <Section title={words.around} lead={words.aroundLead(egress.refused, egress.ended)}>
          {egress.apps.length === 0 ? null : (
            <Table
              label={words.around}
              heads={[words.apps, words.turnedAway, words.tunnelsEnded]}
              rows={egress.apps.map((row) => [
                <NumberLink
                  key="app"
                  to="/crossings"
                  search={{ ...span, app: row.app.id }}
                  label={row.app.name}
                >
                  {row.app.name}
                </NumberLink>,
                count(row.refused),
                count(row.ended),
              ])}
            />
          )}
        </Section>
      )}
    </>
  );
}

function Table({
  label,
  heads,
  rows,
}: {
  label: string;
  heads: readonly string[];
  rows: readonly (readonly React.ReactNode[])[];
}) {
  return (
    <ScrollRegion label={words.asTable(label)}>
      <table aria-label={label} className="text-left">
        <thead className="text-small text-soft">
          <tr>
            {heads.map((head, at) => (
              <th key={head} scope="col" className={`py-1 pr-6 font-normal ${at === 0 ? '' : 'text-right'}`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows of one report keep their places
            <tr key={at} className="border-t border-line">
              {row.map((cell, column) => (
                <td
                  key={heads[column]}
                  className={`py-2 pr-6 ${column === 0 ? '' : 'text-right tabular-nums'}`}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
