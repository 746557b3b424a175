import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import type { ReplayPass, ReplayResult } from '../api/replay.ts';
import { CodeBlock } from '../design/copy.tsx';
import { count, share } from '../design/format.ts';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Empty, Note, Trouble } from '../design/state.tsx';
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
        <Empty title={words.tab} act={<CodeBlock label={m.common.terminal} code="npm run replay" />}>
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
  of: (pass: ReplayPass) => number;
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
  {
    name: words.trajectory,
    means: words.trajectoryMeans,
    of: (pass) => pass.trajectoryUnicity.sequence,
    show: share,
  },
  { name: words.timed, means: words.timedMeans, of: (pass) => pass.trajectoryUnicity.timed, show: share },
  { name: words.rows, of: (pass) => pass.rows, show: count },
];

function Result({ result }: { result: ReplayResult }) {
  return (
    <PageFrame
      tab={words.tab}
      title={words.title(result.minimised.peopleReachable)}
      lead={words.lead(result.asIs.peopleReachable, result.crossings)}
    >
      {result.problems.length === 0 ? null : (
        <Note urgent>
          {result.problems.map((problem) => (
            <p key={problem}>{problem}</p>
          ))}
        </Note>
      )}
      <Section title={words.measures}>
        <Measures result={result} />
      </Section>
      <Section title={words.example} lead={words.exampleLead}>
        <ExamplePerson example={result.example} />
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
      <Section title={words.population} lead={words.populationLead}>
        <Population population={result.population} />
      </Section>
      <p className="text-small text-soft">
        {words.recordsText(result.crossings, result.journalRecords)} {words.ran(result.seconds)}{' '}
        <Ago at={result.playedAt} />.
      </p>
    </PageFrame>
  );
}

/** One bar per pass on a common scale: what was there without, what is left with. */
function Measures({ result }: { result: ReplayResult }) {
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
        {measures.map((measure) => {
          const asIs = measure.of(result.asIs);
          const minimised = measure.of(result.minimised);
          const most = Math.max(asIs, minimised) || 1;
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
                <Figure text={measure.show(minimised)} share={minimised / most} treatment="pseudonymise" />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** One made-up person as the thief reads them, twice. */
function ExamplePerson({ example }: { example: ReplayResult['example'] }) {
  return (
    <table className="w-full max-w-[760px] table-fixed border-collapse text-left">
      <thead>
        <tr className="border-b border-line-strong text-small">
          <th scope="col" className="w-28 py-1 font-strong sm:w-44">
            <span className="sr-only">{words.measure}</span>
          </th>
          <th scope="col" className="py-1 font-strong">
            {words.asIs}
          </th>
          <th scope="col" className="py-1 font-strong">
            {words.minimised}
          </th>
        </tr>
      </thead>
      <tbody>
        {example.asIs.map((line, index) => (
          <tr key={line.label} className="border-b border-line">
            <th scope="row" className="py-1.5 font-normal text-soft">
              {line.label}
            </th>
            <td className="truncate py-1.5">
              {line.value ?? <span className="text-soft">{words.nothing}</span>}
            </td>
            <td className="truncate py-1.5">
              {example.minimised[index]?.value ?? <span className="text-soft">{words.nothing}</span>}
            </td>
          </tr>
        ))}
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

function Funnel({ result }: { result: ReplayResult }) {
  const { asIs, minimised } = result.funnel;
  const most = Math.max(1, ...asIs);
  const same = asIs.length === minimised.length && asIs.every((people, index) => people === minimised[index]);
  return (
    <div className="flex flex-col gap-2">
      <p className="font-strong">{same ? words.funnelSame : words.funnelDiffers}</p>
      <table className="w-full max-w-[760px] table-fixed border-collapse text-left">
        <thead>
          <tr className="border-b border-line-strong text-small">
            <th scope="col" className="w-32 py-1 font-strong sm:w-44">
              {words.step}
            </th>
            <th scope="col" className="py-1 max-sm:hidden">
              <span className="sr-only">{words.funnel}</span>
            </th>
            <th scope="col" className="py-1 text-right font-strong sm:w-20">
              {words.asIs}
            </th>
            <th scope="col" className="py-1 text-right font-strong sm:w-32">
              {words.minimised}
            </th>
          </tr>
        </thead>
        <tbody>
          {result.funnelSteps.map((step, index) => (
            <tr key={step} className="border-b border-line">
              <th scope="row" className="truncate py-1.5 font-normal">
                {step}
              </th>
              <td className="py-1.5 pr-4 max-sm:hidden">
                <span
                  aria-hidden="true"
                  className="block h-2 bg-soft"
                  style={{ width: `${(100 * (asIs[index] ?? 0)) / most}%` }}
                />
              </td>
              <td className="py-1.5 text-right">{count(asIs[index] ?? 0)}</td>
              <td className="py-1.5 text-right">{count(minimised[index] ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Of each distribution; what is left is summed up in one line. */
const valuesShown = 8;

function Population({ population }: { population: ReplayResult['population'] }) {
  return (
    <div className="grid items-start gap-8 sm:grid-cols-2 lg:grid-cols-3">
      {population.map(({ name, values }) => (
        <table key={name} className="w-full border-collapse text-left">
          <caption className="pb-1 text-left font-strong">{name}</caption>
          <tbody>
            {values.slice(0, valuesShown).map((row) => (
              <tr key={row.value} className="border-t border-line">
                <th scope="row" className="py-1 font-normal">
                  {row.value}
                </th>
                <td className="py-1 text-right">{count(row.people)}</td>
              </tr>
            ))}
            {values.length > valuesShown ? (
              <tr className="border-t border-line text-soft">
                <th scope="row" className="py-1 font-normal">
                  {words.populationRest(values.length - valuesShown)}
                </th>
                <td className="py-1 text-right">
                  {count(values.slice(valuesShown).reduce((sum, row) => sum + row.people, 0))}
                </td>
              </tr>
            ) : null}
          </tbody>
        </table>
      ))}
    </div>
  );
}
