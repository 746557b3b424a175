import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { ApiError } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { RegisterEntry } from '../api/register-types.ts';
import type { Connection, VendorDetail } from '../api/types.ts';
import { CoveragePart } from '../coverage/part.tsx';
import { ButtonLink, NumberLink, TextLink } from '../design/button.tsx';
import { treatmentOrder, vendorGot } from '../design/classes.ts';
import { PageFrame, Section } from '../design/page.tsx';
import { Observed } from '../design/provenance.tsx';
import { Bones, Empty, Note, Trouble } from '../design/state.tsx';
import { BehindVendor, OnlyBehind } from '../map/behind.tsx';
import { m } from '../messages/en.ts';
import { DrillsOf } from '../routes/drill-table.tsx';
import { SeverDialog, SeveredNotes } from '../sever/index.ts';
import { Permitted } from '../shell/permitted.tsx';
import { OwnDashboard } from '../verify/dashboard.tsx';
import { Where } from '../world/where.tsx';
import { AccountHoldingPart } from './account-holding.tsx';
import { ExampleHolding } from './example.tsx';
import { HoldingsHeat } from './heat.tsx';
import { HoldingsTable } from './holdings.tsx';
import { RegisterParts } from './register/entry.tsx';
import { StandingWords } from './register/standing.tsx';
import { Sightings } from './sightings.tsx';

/** What one vendor holds, about how many people, in what form and since when. */
export function VendorPage() {
  const { vendor: id } = useParams({ from: '/signed-in/vendors/$vendor' });
  const vendor = useQuery(queries.vendor(id));
  const may = useMay('register.read');
  const entry = useQuery({ ...queries.registered(id), enabled: may }).data ?? null;
  // Nothing ever crossed to it: what is entered of it is all there is.
  if (vendor.data === undefined && entry !== null && isMissing(vendor.error)) {
    return (
      <PageFrame
        tab={entry.name}
        title={m.vendors.holds(entry.name, 0, 0)}
        acts={<SeverDialog target={{ kind: 'vendor', id: entry.id, name: entry.name }} />}
      >
        <SeveredNotes vendor={entry.id} />
        <StandingWords entry={entry} />
        <BehindVendor vendor={entry.id} name={entry.name} />
        <CoveragePart vendor={entry.id} connections={[]} />
        <AccountHoldingPart vendor={entry.id} />
        <OwnDashboard vendor={entry.id} />
        <Where vendor={entry.id} connections={[]} />
        <RegisterParts entry={entry} />
      </PageFrame>
    );
  }
  if (vendor.data === undefined) {
    const frame = (
      <PageFrame tab={m.vendors.tab} title={id}>
        {vendor.error ? (
          <Trouble error={vendor.error} onRetry={() => void vendor.refetch()} />
        ) : (
          <Bones lines={10} />
        )}
        {/* All of its use may be past the gateway: its own reports say so before anything crossed. */}
        {isMissing(vendor.error) ? <CoveragePart vendor={id} connections={[]} /> : null}
        {isMissing(vendor.error) ? <AccountHoldingPart vendor={id} /> : null}
      </PageFrame>
    );
    return isMissing(vendor.error) ? <OnlyBehind vendor={id} instead={frame} /> : frame;
  }
  return <Known key={id} vendor={vendor.data} entry={entry} />;
}

const isMissing = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

function Known({ vendor, entry }: { vendor: VendorDetail; entry: RegisterEntry | null }) {
  const ordered = useMemo(
    () =>
      vendor.holdings.toSorted(
        (a, b) => treatmentOrder(a.treatment) - treatmentOrder(b.treatment) || b.people - a.people,
      ),
    [vendor.holdings],
  );
  const got = useMemo(() => ordered.filter((holding) => vendorGot(holding.treatment)), [ordered]);
  const notGot = useMemo(() => ordered.filter((holding) => !vendorGot(holding.treatment)), [ordered]);

  return (
    <PageFrame
      tab={vendor.name}
      title={m.vendors.holds(vendor.name, vendor.fieldClassesGot, vendor.people)}
      lead={
        <>
          <Observed>
            <NumberLink to="/crossings" search={{ vendor: vendor.vendor }}>
              {m.vendors.evidence}
            </NumberLink>
          </Observed>{' '}
          {m.vendors.lead}
          {vendor.organisations === 0 ? null : (
            <>
              {m.vendors.leadAnd}{' '}
              <NumberLink
                to="/vendors/$vendor/exposures"
                params={{ vendor: vendor.vendor }}
                search={{ held: 'true', about: 'organisation' }}
              >
                {m.vendors.organisations(vendor.organisations)}
              </NumberLink>
            </>
          )}
          . {m.vendors.leadPaths}
        </>
      }
      acts={
        <>
          <SeverDialog
            target={{
              kind: 'vendor',
              id: vendor.vendor,
              name: vendor.name,
              classes: [...new Set(got.map((holding) => holding.class))],
            }}
          />
          <Permitted action="incident.read">
            <ButtonLink to="/what-if/$party" params={{ party: vendor.vendor }}>
              {m.rail.whatIf}
            </ButtonLink>
          </Permitted>
          <Permitted action="incident.work">
            <ButtonLink to="/incidents" search={{ act: 'open', party: vendor.vendor }}>
              {m.vendors.openIncident}
            </ButtonLink>
          </Permitted>
          <ButtonLink to="/crossings" search={{ vendor: vendor.vendor }}>
            {m.rail.crossings}
          </ButtonLink>
        </>
      }
    >
      {entry === null ? null : <StandingWords entry={entry} />}
      <SeveredNotes vendor={vendor.vendor} />
      {vendor.state === 'severed' ? <Note urgent>{m.vendors.severedTitle(vendor.name)}.</Note> : null}
      {vendor.holdings.length === 0 ? (
        <Empty
          title={m.vendors.holds(vendor.name, 0, 0)}
          example={<ExampleHolding />}
          act={<FirstConnection connections={vendor.connections} />}
        />
      ) : (
        <>
          <Section title={m.vendors.heatTitle} lead={m.vendors.heatLead}>
            <HoldingsHeat vendor={vendor} />
          </Section>
          <Section title={m.vendors.holdings} lead={m.vendors.holdingsLead}>
            <HoldingsTable vendor={vendor.vendor} rows={got} label={m.vendors.holdings} />
          </Section>
          {notGot.length === 0 ? null : (
            <Section title={m.vendors.notGot} lead={m.vendors.notGotLead}>
              <HoldingsTable vendor={vendor.vendor} rows={notGot} label={m.vendors.notGot} />
            </Section>
          )}
        </>
      )}
      <BehindVendor vendor={vendor.vendor} name={vendor.name} />
      <CoveragePart vendor={vendor.vendor} connections={vendor.connections} />
      <AccountHoldingPart vendor={vendor.vendor} />
      <OwnDashboard vendor={vendor.vendor} />
      <Where vendor={vendor.vendor} connections={vendor.connections} />
      <DrillsOf vendor={vendor.vendor} />
      <Sightings vendor={vendor.vendor} />
      <Section
        title={m.vendors.connections}
        lead={m.vendors.connectionsLead}
        acts={
          <Permitted action="connection.create">
            <ButtonLink to="/connect" search={{ vendor: vendor.vendor }} slim>
              {m.rail.connect}
            </ButtonLink>
          </Permitted>
        }
      >
        <ConnectionList connections={vendor.connections} />
      </Section>
      {entry === null ? null : <RegisterParts entry={entry} />}
    </PageFrame>
  );
}

function FirstConnection({ connections }: { connections: readonly Connection[] }) {
  const first = connections[0];
  if (first === undefined) {
    return (
      <ButtonLink to="/connect" weight="main">
        {m.rail.connect}
      </ButtonLink>
    );
  }
  return (
    <ButtonLink to="/connect/$connection" params={{ connection: first.id }} weight="main">
      {m.connect.wait.open}
    </ButtonLink>
  );
}

function ConnectionList({ connections }: { connections: readonly Connection[] }) {
  return (
    <ul className="border-t border-line">
      {connections.map((connection) => (
        <li
          key={connection.id}
          className="relative grid gap-x-6 border-b border-line py-2 sm:grid-cols-[1fr_1fr_160px_120px]"
        >
          <Link
            to="/connections/$connection"
            params={{ connection: connection.id }}
            className="number-link justify-self-start font-strong"
          >
            {connection.name}
          </Link>
          <span className="truncate font-mono text-small leading-5">{connection.upstream.host}</span>
          <span className={connection.credential === null ? 'text-alert' : 'text-soft'}>
            {m.vendors.credential}:{' '}
            {connection.credential === null
              ? m.vendors.missingCredential
              : m.vendors.version(connection.credential.version)}
          </span>
          <span>
            {connection.state === 'severed' ? m.common.severed : m.common.open}
            {connection.mode === 'enforce' ? null : (
              <span className="block text-small text-soft">
                {m.modes.listed([m.modes.names[connection.mode] ?? connection.mode])}
              </span>
            )}
          </span>
        </li>
      ))}
      {connections.length === 0 ? (
        <li className="py-2 text-soft">
          {m.common.none}. <TextLink to="/connect">{m.rail.connect}</TextLink>
        </li>
      ) : null}
    </ul>
  );
}
