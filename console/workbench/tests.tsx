import type { ContractDocument } from '@drawbridge/protocol/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { ContractTest, WorkbenchSample } from '../api/workbench-types.ts';
import { Button } from '../design/button.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { saveAs } from '../design/save.ts';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { Permitted } from '../shell/permitted.tsx';
import { KeepTest } from './keep-test.tsx';
import { FailingTests } from './test-results.tsx';

const words = m.workbench.tests;

/** The samples that are kept of this connection, and how they come out under the rules that are shown. */
export function ContractTests({
  connection,
  sample,
  rules,
}: {
  connection: string;
  /** What can be kept; null: nothing is tried. */
  sample: WorkbenchSample | null;
  /** Null: the contract in force. */
  rules: ContractDocument | null;
}) {
  const tests = useQuery(queries.contractTests(connection));
  const run = useQuery({
    ...queries.contractTestRun(connection, rules),
    enabled: (tests.data?.items.length ?? 0) > 0,
  });
  const [act, setAct] = useState<'keep' | ContractTest | null>(null);
  const items = tests.data?.items;
  return (
    <Section
      title={words.title}
      lead={words.lead}
      acts={
        <>
          <Permitted action="contract.change">
            <Button slim disabled={sample === null} onClick={() => setAct('keep')}>
              {words.keep}
            </Button>
          </Permitted>
          {items === undefined || items.length === 0 ? null : (
            <>
              <Button slim disabled={run.isFetching} onClick={() => void run.refetch()}>
                {words.runAgain}
              </Button>
              <Button
                slim
                onClick={() =>
                  saveAs('contract-tests.json', [JSON.stringify({ items }, null, 2)], 'application/json')
                }
              >
                {words.download}
              </Button>
            </>
          )}
        </>
      }
    >
      {tests.error ? <Trouble error={tests.error} /> : null}
      {run.error ? <Trouble error={run.error} /> : null}
      {items === undefined ? (
        tests.error ? null : (
          <Bones lines={2} />
        )
      ) : items.length === 0 ? (
        <p className="text-soft">{words.none}</p>
      ) : (
        <>
          <p role="status" className="font-strong">
            {run.data === undefined ? words.running : words.said(run.data.failed, items.length)}
          </p>
          {run.data !== undefined && run.data.failed > 0 ? (
            <Note urgent>
              <FailingTests run={run.data} />
            </Note>
          ) : null}
          <ul aria-label={words.title} className="border-t border-line">
            {items.map((test) => (
              <li
                key={test.id}
                className="flex flex-wrap items-center justify-between gap-x-4 border-b border-line py-1"
              >
                <span className="min-w-0 break-words">{test.name}</span>
                <span className="inline-flex items-center gap-3 text-small">
                  {outcome(run.data?.items.find(({ id }) => id === test.id)?.passed)}
                  <Permitted action="contract.change">
                    <Button
                      slim
                      weight="quiet"
                      aria-label={words.removeThis(test.name)}
                      onClick={() => setAct(test)}
                    >
                      {words.remove}
                    </Button>
                  </Permitted>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <Sheet open={act === 'keep' && sample !== null} onClose={() => setAct(null)} title={words.keepTitle}>
        {sample === null ? null : (
          <KeepTest connection={connection} sample={sample} rules={rules} onDone={() => setAct(null)} />
        )}
      </Sheet>
      <Sheet
        open={act !== null && act !== 'keep'}
        onClose={() => setAct(null)}
        title={act === null || act === 'keep' ? '' : words.removeThis(act.name)}
      >
        {act === null || act === 'keep' ? null : (
          <RemoveTest connection={connection} test={act.id} onDone={() => setAct(null)} />
        )}
      </Sheet>
    </Section>
  );
}

const outcome = (passed: boolean | undefined): string =>
  passed === undefined ? words.notRun : passed ? words.passed : words.failed;

function RemoveTest({ connection, test, onDone }: { connection: string; test: string; onDone: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const remove = useMutation({
    mutationFn: () =>
      write(
        'DELETE',
        `/connections/${encodeURIComponent(connection)}/contract-tests/${encodeURIComponent(test)}`,
        { reason: reason.trim() },
      ),
    onSuccess: () => {
      onDone();
      return client.invalidateQueries();
    },
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        remove.mutate();
      }}
    >
      <ReasonField value={reason} onChange={setReason} />
      <FormActs error={remove.error} weight="danger" disabled={remove.isPending} onCancel={onDone}>
        {words.remove}
      </FormActs>
    </form>
  );
}
