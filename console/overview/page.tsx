import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import type { Overview } from '../api/types.ts';
import { LastDayLink } from '../crossings/last-day.tsx';
import { ButtonLink, NumberLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { Observed } from '../design/provenance.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { Permitted } from '../shell/permitted.tsx';
import { VendorMatrix } from '../vendors/matrix.tsx';
import { VendorTable } from '../vendors/table.tsx';
import { AgreementsDue } from './agreements.tsx';
import { Attention } from './attention.tsx';
import { Contradictions } from './contradictions.tsx';
import { FirstSteps, LittleCrossing } from './first-steps.tsx';
import { UnknownVendors } from './unknown-vendors.tsx';

/** Who holds what about how many, and what needs a person now. */
export function OverviewPage() {
  const overview = useQuery(queries.overview());
  if (overview.data === undefined) {
    return (
      <PageFrame tab={m.overview.tab} title={m.overview.tab}>
        {overview.error ? (
          <Trouble error={overview.error} onRetry={() => void overview.refetch()} />
        ) : (
          <Bones lines={8} />
        )}
      </PageFrame>
    );
  }
  const data = overview.data;
  const holding = data.vendors.filter((vendor) => vendor.fieldClassesGot > 0);
  return holding.length === 0 ? (
    <NothingYet overview={data} />
  ) : (
    <Holdings overview={data} holding={holding} />
  );
}

function NothingYet({ overview }: { overview: Overview }) {
  return (
    <PageFrame tab={m.overview.tab} title={m.overview.titleEmpty} lead={m.overview.teach}>
      <Attention overview={overview} />
      <Contradictions />
      <div className="grid gap-8 lg:grid-cols-2">
        <FirstSteps steps={overview.firstSteps} />
        <Empty
          title={m.vendors.emptyTitle}
          example={<LittleCrossing />}
          act={
            <Permitted action="connection.create" told>
              <ButtonLink to="/connect" weight="main">
                {m.rail.connect}
              </ButtonLink>
            </Permitted>
          }
        />
      </div>
      {overview.vendors.length === 0 ? null : <VendorTable rows={overview.vendors} empty={null} />}
    </PageFrame>
  );
}

function Holdings({ overview, holding }: { overview: Overview; holding: Overview['vendors'] }) {
  const { totals } = overview;
  return (
    <PageFrame
      tab={m.overview.tab}
      title={m.overview.title(holding.length, totals.people)}
      lead={
        <>
          <Observed>
            <NumberLink to="/crossings">{m.vendors.evidence}</NumberLink>
          </Observed>
          . {m.overview.lead(totals.crossed24h, totals.refused24h)}
        </>
      }
      acts={
        <Permitted action="connection.create">
          <ButtonLink to="/connect">{m.rail.connect}</ButtonLink>
        </Permitted>
      }
    >
      <Attention overview={overview} />
      <AgreementsDue />
      <UnknownVendors />
      <Contradictions />
      <Section title={m.overview.picture} lead={m.overview.pictureLead}>
        <VendorMatrix vendors={holding} />
      </Section>
      <Section title={m.overview.vendors}>
        <VendorTable rows={overview.vendors} empty={null} />
      </Section>
      {overview.firstSteps.some((step) => !step.done) ? <FirstSteps steps={overview.firstSteps} /> : null}
      <Section title={m.overview.seen}>
        <div className="max-w-[640px]">
          <Facts
            facts={[
              [
                m.overview.crossings,
                <LastDayLink key="c" decision="forwarded">
                  {count(totals.crossed24h)}
                </LastDayLink>,
              ],
              [
                m.overview.refused,
                <LastDayLink key="r" decision="refused">
                  {count(totals.refused24h)}
                </LastDayLink>,
              ],
              [
                m.overview.apps,
                <NumberLink key="a" to="/apps">
                  {count(totals.apps)}
                </NumberLink>,
              ],
              [
                m.overview.connections,
                <NumberLink key="v" to="/vendors">
                  {count(totals.connections)}
                </NumberLink>,
              ],
              ...overview.gateways.map(
                (gateway) =>
                  [
                    m.overview.gateway,
                    <span key={gateway.id}>
                      {gateway.name}, {m.overview.snapshot(gateway.snapshotVersion)},{' '}
                      {m.overview.shipped(gateway.journal.shipped)}, <Ago at={gateway.lastSeenAt} />
                    </span>,
                  ] as const,
              ),
            ]}
          />
        </div>
      </Section>
    </PageFrame>
  );
}
