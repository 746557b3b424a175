import type { ContractDocument } from '@drawbridge/protocol/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Connection, ContractHistory, ContractVersion, ServiceDetail } from '../api/types.ts';
import { AllowName } from '../connect/allow-name.tsx';
import { draftName } from '../contract/draft-name.ts';
import { ContractEditor } from '../contract/editor.tsx';
import { PreviewPanel, type SampleChoice, SampleChooser, UnknownNames } from '../contract/preview-panel.tsx';
import { differences, isContract } from '../contract/rules.ts';
import { seenCounts } from '../contract/seen.ts';
import { SeenPanel, somethingSeen } from '../contract/seen-panel.tsx';
import { TextDifferences } from '../contract/texts-panel.tsx';
import { classCounts, usePreview } from '../contract/use-preview.ts';
import { Button, TextLink } from '../design/button.tsx';
import { ReasonField } from '../design/form.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { hasDraft, useDraft } from '../shell/draft.ts';
import { FailingTests } from '../workbench/test-results.tsx';
import { useSettled } from '../workbench/use-run.ts';

const words = m.connection;

/** The contract in force, its earlier versions, and a way to the next one. */
export function ConnectionContract({ connection }: { connection: Connection }) {
  const contract = useQuery(queries.contract(connection.id));
  const service = useQuery(queries.service(connection.vendor, connection.service));
  const { version } = useSearch({ from: '/signed-in/connections/$connection' });
  const error = contract.error ?? service.error;
  if (contract.data === undefined || service.data === undefined) {
    return error ? <Trouble error={error} /> : <Bones lines={6} />;
  }
  const { current, versions } = contract.data;
  const looked = versions.find((candidate) => String(candidate.version) === version) ?? current;
  return (
    <div className="flex flex-col gap-6">
      <p>
        {words.contractLead(current.version, current.author)} <Ago at={current.createdAt} />
      </p>
      <Versions connection={connection.id} history={contract.data} looked={looked.version} />
      {versions
        .filter(
          ({ version: number }) => number !== looked.version && hasDraft(draftName(connection.id, number)),
        )
        .map(({ version: number }) => (
          <Note key={number} urgent>
            {words.unsaved(number)}{' '}
            <TextLink
              to="/connections/$connection"
              params={{ connection: connection.id }}
              search={{ version: String(number) }}
            >
              {words.openUnsaved}
            </TextLink>
          </Note>
        ))}
      {looked.version === current.version ? null : (
        <Note>
          {words.looking(looked.version)}{' '}
          <TextLink to="/connections/$connection" params={{ connection: connection.id }} search={{}}>
            {words.backToCurrent}
          </TextLink>
        </Note>
      )}
      <NextVersion
        key={`${current.version} ${looked.version}`}
        connection={connection.id}
        observed={connection.mode === 'observe'}
        service={service.data}
        current={current}
        looked={looked}
      />
      <details>
        <summary className="number-link w-fit">{m.connect.wait.allow}</summary>
        <div className="mt-4">
          <AllowName connection={connection.id} />
        </div>
      </details>
    </div>
  );
}

function Versions({
  connection,
  history,
  looked,
}: {
  connection: string;
  history: ContractHistory;
  looked: number;
}) {
  return (
    <table className="w-full table-fixed border-collapse text-left" aria-label={words.versions}>
      <thead>
        <tr className="border-b border-line-strong text-small">
          <th scope="col" className="w-20 py-1 font-strong">
            {words.version}
          </th>
          <th scope="col" className="w-28 py-1 font-strong">
            {words.when}
          </th>
          <th scope="col" className="w-44 py-1 font-strong max-sm:hidden">
            {words.author}
          </th>
          <th scope="col" className="py-1 font-strong">
            {words.reason}
          </th>
        </tr>
      </thead>
      <tbody>
        {history.versions.map((version) => (
          <tr
            key={version.version}
            className={`border-b border-line ${version.version === looked ? 'bg-act-wash' : ''}`}
          >
            <td className="py-1.5">
              <Link
                to="/connections/$connection"
                params={{ connection }}
                search={{ version: String(version.version) }}
                resetScroll={false}
                className="number-link"
                aria-current={version.version === looked ? 'true' : undefined}
              >
                {version.version}
              </Link>
            </td>
            <td className="py-1.5">
              <Ago at={version.createdAt} />
            </td>
            <td className="truncate py-1.5 max-sm:hidden">{version.author}</td>
            <td className="truncate py-1.5" title={version.reason}>
              {version.reason}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NextVersion({
  connection,
  observed,
  service,
  current,
  looked,
}: {
  connection: string;
  observed: boolean;
  service: ServiceDetail;
  current: ContractVersion;
  looked: ContractVersion;
}) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft<{ rules: unknown; reason: string }>(
    draftName(connection, looked.version),
    { rules: null, reason: '' },
  );
  const shapes = useQuery(queries.shapes(connection));
  const [chosen, setSample] = useState<SampleChoice | null>(null);
  const sample: SampleChoice = chosen ?? {
    source: shapes.data === undefined || somethingSeen(shapes.data) ? 'seen' : 'made',
    endpoint: service.sample.endpoint,
    pasted: '',
  };
  const rules: ContractDocument = isContract(draft.rules) ? draft.rules : looked.rules;
  const changed = differences(rules, current.rules);
  const seen = sample.source === 'seen' && shapes.data ? seenCounts(service, shapes.data) : null;
  const { preview, error: sampleError } = usePreview(service, rules, sample);

  const tests = useTests(connection, rules, changed > 0);
  const [despite, setDespite] = useState(false);
  const failing = (tests?.items ?? []).flatMap(({ id, passed }) => (passed ? [] : [id]));

  const save = useMutation({
    mutationFn: () =>
      write<ContractVersion>('PUT', `/connections/${encodeURIComponent(connection)}/contract`, {
        reason: draft.reason.trim(),
        body: {
          rules,
          basedOn: current.version,
          ...(despite && failing.length > 0 ? { despite: failing } : {}),
        },
      }),
    onSuccess: () => {
      forget();
      return client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }

  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-6">
      <ContractEditor
        service={service}
        rules={rules}
        base={current.rules}
        counts={seen ? seen.inFields : classCounts(preview)}
        {...(seen ? { found: seen.inTexts } : {})}
        observed={observed}
        countsTitle={sample.source === 'seen' ? m.seen.counts : m.connect.table.sample}
        onChange={(next) => change({ rules: next })}
      />
      <details>
        <summary className="number-link w-fit">{m.connect.preview.title}</summary>
        <div className="mt-4 flex flex-col gap-4">
          <p className="text-soft">{m.connect.preview.lead}</p>
          <SampleChooser
            service={service}
            sample={sample}
            error={sampleError}
            connected
            onChange={setSample}
          />
          {sample.source === 'seen' ? (
            <SeenPanel
              connection={connection}
              service={service}
              answer={shapes}
              inForce={current.rules}
              rules={rules}
            />
          ) : null}
          {preview === null ? null : <PreviewPanel preview={preview} vendor={service.name} rules={rules} />}
          {preview === null ? null : (
            <UnknownNames names={preview.names} rules={rules} onChange={(next) => change({ rules: next })} />
          )}
        </div>
      </details>
      <p className={changed === 0 ? 'text-soft' : 'font-strong'}>
        {changed === 0 ? words.noDifference : words.changedRules(changed)}
      </p>
      {changed === 0 ? null : (
        <>
          <TextDifferences base={current.rules} rules={rules} />
          {tests === undefined || tests.failed === 0 ? null : (
            <div role="status" className="flex flex-col gap-2">
              <Note urgent>
                <p className="font-strong">{m.workbench.tests.adoptLead(tests.failed)}</p>
                <FailingTests run={tests} />
              </Note>
              <label className="flex items-start gap-3">
                <input
                  type="checkbox"
                  className="mt-0.5 shrink-0"
                  checked={despite}
                  onChange={(event) => setDespite(event.target.checked)}
                />
                <span>{m.workbench.tests.despite}</span>
              </label>
            </div>
          )}
          <ReasonField
            value={draft.reason}
            onChange={(reason) => change({ reason })}
            error={save.error instanceof ApiError ? save.error.field('reason') : undefined}
          />
          {save.error ? <Trouble error={save.error} /> : null}
          <div className="flex gap-2">
            <Button type="submit" weight="main" disabled={save.isPending || (failing.length > 0 && !despite)}>
              {words.makeVersion}
            </Button>
            <Button onClick={forget}>{m.connect.reset}</Button>
          </div>
        </>
      )}
    </form>
  );
}

/** How the kept samples come out under a draft; undefined: there are none, or that is not known yet. */
function useTests(connection: string, rules: ContractDocument, hasChanged: boolean) {
  const settled = useSettled(rules);
  const kept = useQuery(queries.contractTests(connection));
  const hasTests = (kept.data?.items.length ?? 0) > 0;
  const run = useQuery({
    ...queries.contractTestRun(connection, settled),
    enabled: hasChanged && hasTests,
  });
  return hasChanged && hasTests ? run.data : undefined;
}
