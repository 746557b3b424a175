import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { ButtonLink } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { Empty, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { behindConsoles } from '../messages/pages/consoles.ts';
import { coverage } from '../messages/pages/coverage.ts';
import { Permitted } from '../shell/permitted.tsx';
import { coverageColumn } from './coverage-column.tsx';
import { ExampleHolding } from './example.tsx';
import { Registered } from './registered.tsx';
import { VendorTable } from './table.tsx';

/** Who holds data of ours. */
export function VendorsPage() {
  const vendors = useQuery(queries.vendors());
  const mayMeasure = useMay('coverage.read');
  const { data, isError, error, refetch } = useQuery({ ...queries.coverages(), enabled: mayMeasure });
  const extra = useMemo(
    () => (mayMeasure ? coverageColumn({ data, isError }) : null),
    [mayMeasure, data, isError],
  );
  const rows = useMemo(() => vendors.data?.toSorted((a, b) => b.people - a.people), [vendors.data]);
  return (
    <PageFrame
      tab={m.vendors.tab}
      title={
        rows === undefined
          ? m.vendors.tab
          : rows.length === 0
            ? m.vendors.emptyTitle
            : m.vendors.listTitle(rows.length)
      }
      lead={rows?.length ? m.vendors.listLead : undefined}
      acts={
        rows?.length ? (
          <>
            <Permitted action="account.read">
              <ButtonLink to="/vendors/consoles">{behindConsoles.tab}</ButtonLink>
            </Permitted>
            <Permitted action="connection.create">
              <ButtonLink to="/connect">{m.rail.connect}</ButtonLink>
            </Permitted>
          </>
        ) : null
      }
    >
      {isError ? (
        <div>
          <p>{coverage.column.failed}</p>
          <Trouble error={error} onRetry={() => void refetch()} />
        </div>
      ) : null}
      <VendorTable
        rows={rows}
        extra={extra}
        error={vendors.error}
        onRetry={() => void vendors.refetch()}
        empty={
          <Empty
            title={m.vendors.emptyTitle}
            example={<ExampleHolding />}
            act={
              <Permitted action="connection.create" told>
                <ButtonLink to="/connect" weight="main">
                  {m.rail.connect}
                </ButtonLink>
              </Permitted>
            }
          >
            {m.vendors.empty}
          </Empty>
        }
      />
      <Permitted action="register.read">
        <Registered />
      </Permitted>
    </PageFrame>
  );
}
