import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import type { FunnelStep, ReplayPass, ReplayResult } from '../api/replay.ts';
import { CodeBlock } from '../design/copy.tsx';
import { count, share } from '../design/format.ts';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.replay;

/** What a thief of the vendors' stores got, without and with Drawbridge. */
export function ReplayPage() {
  const replay = useQuery(queries.replay());
  if (replay.data === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {replay.error ? (
          <Trouble error={replay.error} onRetry={() => void replay.refetch()} />
        ) : (
          <Bones lines={10} />
        )}
      </PageFrame>
    );
  }
  if (replay.data === null) {
    return (
      <PageFrame tab={words.tab} title={words.empty}>
        <Empty title={words.tab} act={<CodeBlock label="Terminal" code="npm run replay" />}>
          <p>{words.emptyLead}</p>
          <p className="mt-3 text-ink">{words.command}</p>
        </Empty>
      </PageFrame>
    );
  }
  return <Result result={replay.data} />;
}

interface Measure {
  name: string;
  means?: string;
  of: (pass: ReplayPass) => number | undefined;
  show: (value: number) => string;
}

const measures: readonly Measure[] = [
  { name: words.reachable, of: (pass) => pass.peopleReachable, show: count },
  { name: words.joinable, of: (pass) => pass.joinable, show: count },
  { name: words.quotable, of: (pass) => pass.quotableFactsPerPerson, show: (value) => value.toFixed(1) },
  { name: words.unicity, means: words.unicityMeans, of: (pass) => pass.unicity, show: share },
  {
    name: words.unicityPseudonyms,
    means: words.unicityPseudonymsMeans,
    of: (pass) => pass.unicityWithPseudonyms,
    show: share,
  },
  { name: words.trajectory, means: words.trajectoryMeans, of: (pass) => pass.trajectoryUnicity, show: share },
  { name: words.rows, of: (pass) => pass.rows, show: count },
];

function Result({ result }: { result: ReplayResult }) {
  return (
    <PageFrame
      tab={words.tab}
      title={words.title(result.minimised.peopleReachable)}
      lead={words.lead(result.asIs.peopleReachable, result.crossings)}
    >
      <Section title={words.measures}>
        <Measures result={result} />
      </Section>
      <Section title={words.funnel} lead={words.funnelLead}>
        <Funnel result={result} />
      </Section>
      <Section title={words.left}>
        <ul className="flex list-disc flex-col gap-1 pl-5">
          {words.leftLines.map((line) => (
            <li key={line} className="max-w-[72ch]">
              {line}
            </li>
          ))}
        </ul>
      </Section>
      {result.population === undefined ? null : (
        <Section title={words.population} lead={words.populationLead}>
          <Population population={result.population} />
        </Section>
      )}
      <p className="text-small text-soft">
        {words.recordsText(result.crossings, result.journalRecords)}{' '}
        {result.finishedAt === undefined ? null : (
          <>
            {words.ran} <Ago at={result.finishedAt} />.
          </>
        )}
      </p>
    </PageFrame>
  );
}

/** One bar per pass on a common scale: what was there without, what is left with. */
function Measures({ result }: { result: ReplayResult }) {
  const rows = measures.filter((measure) => measure.of(result.asIs) !== undefined);
  return (
    <table className="w-full table-fixed border-collapse text-left">
      <thead>
        <tr className="border-b border-line-strong text-small">
          <th scope="col" className="py-1 font-strong">
            {words.measure}
          </th>
          <th scope="col" className="w-[26%] py-1 font-strong">
            {words.asIs}
          </th>
          <th scope="col" className="w-[26%] py-1 pl-4 font-strong">
            {words.minimised}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((measure) => {
          const asIs = measure.of(result.asIs) ?? 0;
          const minimised = measure.of(result.minimised);
          const most = Math.max(asIs, minimised ?? 0) || 1;
          return (
            <tr key={measure.name} className="border-b border-line align-top">
              <th scope="row" className="py-2.5 pr-6 font-normal">
                {measure.name}
                {measure.means ? <span className="block text-small text-soft">{measure.means}</span> : null}
              </th>
              <td className="py-2.5">
                <Figure text={measure.show(asIs)} share={asIs / most} treatment="pass" />
              </td>
              <td className="py-2.5 pl-4">
                {minimised === undefined ? (
                  <span className="text-soft">{m.common.unknown}</span>
                ) : (
                  <Figure text={measure.show(minimised)} share={minimised / most} treatment="pseudonymise" />
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Figure({ text, share: part, treatment }: { text: string; share: number; treatment: string }) {
  return (
    <>
      <span className="text-head font-strong">{text}</span>
      <span aria-hidden="true" className="mt-1 block h-2 bg-sunken">
        <span
          data-treatment={treatment}
          className="woven block h-full"
          style={{ width: `${part > 0 ? Math.max(1, part * 100) : 0}%` }}
        />
      </span>
    </>
  );
}

function steps(funnel: readonly (FunnelStep | number)[]): FunnelStep[] {
  return funnel.map((step, index) =>
    typeof step === 'number' ? { name: `${words.step} ${index + 1}`, count: step } : step,
  );
}

function Funnel({ result }: { result: ReplayResult }) {
  const asIs = steps(result.funnel.asIs);
  const minimised = steps(result.funnel.minimised);
  const most = Math.max(1, ...asIs.map((step) => step.count));
  const same =
    asIs.length === minimised.length && asIs.every((step, index) => step.count === minimised[index]?.count);
  return (
    <div className="flex flex-col gap-2">
      <p className="font-strong">{same ? words.funnelSame : words.funnelDiffers}</p>
      <table className="w-full max-w-[760px] table-fixed border-collapse text-left">
        <thead>
          <tr className="border-b border-line-strong text-small">
            <th scope="col" className="w-44 py-1 font-strong">
              {words.step}
            </th>
            <th scope="col" className="py-1">
              <span className="sr-only">{words.funnel}</span>
            </th>
            <th scope="col" className="w-20 py-1 text-right font-strong">
              {words.asIs}
            </th>
            <th scope="col" className="w-32 py-1 text-right font-strong">
              {words.minimised}
            </th>
          </tr>
        </thead>
        <tbody>
          {asIs.map((step, index) => (
            <tr key={step.name} className="border-b border-line">
              <th scope="row" className="truncate py-1.5 font-normal">
                {step.name}
              </th>
              <td className="py-1.5 pr-4">
                <span
                  aria-hidden="true"
                  className="block h-2 bg-soft"
                  style={{ width: `${(100 * step.count) / most}%` }}
                />
              </td>
              <td className="py-1.5 text-right">{count(step.count)}</td>
              <td className="py-1.5 text-right">{count(minimised[index]?.count ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Population({ population }: { population: NonNullable<ReplayResult['population']> }) {
  return (
    <div className="grid gap-8 sm:grid-cols-2 lg:grid-cols-3">
      {Object.entries(population).map(([name, values]) => (
        <table key={name} className="w-full border-collapse text-left">
          <caption className="pb-1 text-left font-strong">{name}</caption>
          <tbody>
            {values.slice(0, 8).map((row) => (
              <tr key={row.value} className="border-t border-line">
                <th scope="row" className="py-1 font-normal">
                  {row.value}
                </th>
                <td className="py-1 text-right">{count(row.people)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}
