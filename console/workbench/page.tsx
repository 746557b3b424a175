import type { ContractDocument } from '@drawbridge/protocol/contract';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { queries } from '../api/queries.ts';
import type { Connection, ContractVersion, ServiceDetail } from '../api/types.ts';
import { draftName } from '../contract/draft-name.ts';
import { differences, isContract } from '../contract/rules.ts';
import { ButtonLink } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { Bones, Empty, Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { DraftContract } from './draft-contract.tsx';
import { Result } from './result.tsx';
import { SampleInput } from './sample-input.tsx';
import type { Tried } from './samples.ts';
import { ContractTests } from './tests.tsx';
import { sampleOf, useRun, useSettled } from './use-run.ts';

const words = m.workbench;
const MOST_BYTES = 1024 * 1024;

/** What becomes of a text on one connection: found, crossing, coming back; and the contract beside it. */
export function WorkbenchPage() {
  const { connection: id } = useParams({ from: '/signed-in/connections/$connection/workbench' });
  const connection = useQuery(queries.connection(id));
  const contract = useQuery(queries.contract(id));
  const { vendor = '', service: serviceId = '' } = connection.data ?? {};
  const service = useQuery({ ...queries.service(vendor, serviceId), enabled: connection.data !== undefined });
  const error = connection.error ?? contract.error ?? service.error;
  if (connection.data === undefined || contract.data === undefined || service.data === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {error ? <Trouble error={error} /> : <Bones lines={10} />}
      </PageFrame>
    );
  }
  const { current } = contract.data;
  return (
    <Bench
      key={`${id} ${current.version}`}
      connection={connection.data}
      service={service.data}
      current={current}
    />
  );
}

interface BenchProps {
  connection: Connection;
  service: ServiceDetail;
  current: ContractVersion;
}

function Bench({ connection, service, current }: BenchProps) {
  const [draft, change, forget] = useDraft<{ rules: unknown; reason: string }>(
    draftName(connection.id, current.version),
    { rules: null, reason: '' },
  );
  const rules: ContractDocument = isContract(draft.rules) ? draft.rules : current.rules;
  const changed = differences(rules, current.rules);
  const [tried, setTried] = useState<Tried>({
    kind: 'text',
    endpoint: service.sample.endpoint,
    text: '',
  });
  const settled = useSettled(tried);
  const settledRules = useSettled(rules);
  const sample = useMemo(() => sampleOf(service, settled), [service, settled]);
  const isTooLong = useMemo(() => new TextEncoder().encode(tried.text).length > MOST_BYTES, [tried.text]);
  const isGiven = settled.text.trim() !== '' && !isTooLong;
  const hasDraft = changed > 0;
  const { id } = connection;
  const inForce = useRun(id, current.version, sample, null, isGiven);
  const drafted = useRun(id, current.version, sample, settledRules, isGiven && hasDraft);
  const run = hasDraft ? drafted : inForce;
  const isWaiting = isGiven && (run.isFetching || settled !== tried || settledRules !== rules);
  const shown = isGiven ? run.data : undefined;
  const title =
    shown === undefined
      ? words.title.begin(connection.name)
      : shown.refusal !== null
        ? words.title.refused
        : shown.found === 0
          ? words.title.nothing
          : words.title.found(shown.found);
  return (
    <PageFrame
      tab={`${words.tab} · ${connection.name}`}
      title={title}
      lead={words.lead}
      acts={
        <ButtonLink to="/connections/$connection" params={{ connection: id }}>
          {connection.name}
        </ButtonLink>
      }
    >
      {connection.mode === 'enforce' ? null : <Note>{words.observed}</Note>}
      <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,380px)_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
        <SampleInput
          service={service}
          tried={tried}
          error={isTooLong ? words.tooLong : undefined}
          onChange={setTried}
        />
        <div className="flex min-w-0 flex-col gap-4 lg:col-start-2 lg:row-span-2 lg:row-start-1">
          <p role="status" className="min-h-5 text-small text-soft">
            {isWaiting ? (shown === undefined ? words.working : words.again) : ''}
          </p>
          {run.error && isGiven ? <Trouble error={run.error} onRetry={() => void run.refetch()} /> : null}
          {shown !== undefined ? (
            <Result
              run={shown}
              inForce={hasDraft ? inForce.data : undefined}
              vendor={service.name}
              given={settled.text}
            />
          ) : isGiven && !run.error ? (
            <Bones lines={6} label={words.working} />
          ) : run.error && isGiven ? null : (
            <Empty title={words.empty}>{words.emptyLead}</Empty>
          )}
        </div>
        <div className="flex min-w-0 flex-col gap-8">
          <DraftContract
            connection={id}
            rules={rules}
            base={current.rules}
            changed={changed}
            run={shown}
            onChange={(next) => change({ rules: next })}
            onForget={forget}
          />
          <ContractTests
            connection={id}
            sample={isGiven ? sample : null}
            rules={hasDraft ? settledRules : null}
          />
        </div>
      </div>
    </PageFrame>
  );
}
