import { useMutation } from '@tanstack/react-query';
import type { ChangeDetail, LogRow } from '../api/audit-types.ts';
import { Button } from '../design/button.tsx';
import { bytes } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { type ChangeCheck, type CheckName, checkChange, checks } from './checking.ts';

const words = m.audit.one;

/** Verifies one change on what is downloaded now, step by step; what it came to stays on the page. */
export function ChangeVerdict({ change, log }: { change: ChangeDetail & { index: number }; log: LogRow }) {
  const check = useMutation({
    mutationFn: () => checkChange(change, log, AbortSignal.timeout(60_000)),
  });
  const result = check.data;
  return (
    <Section
      title={words.verify}
      lead={words.verifyLead}
      acts={
        <Button weight="main" disabled={check.isPending} onClick={() => check.mutate()}>
          {result === undefined ? m.audit.verify : m.audit.verifyAgain}
        </Button>
      }
    >
      {check.error ? <Trouble error={check.error} onRetry={() => check.mutate()} /> : null}
      {check.isPending ? <p role="status">{words.working}</p> : null}
      {result === undefined || check.isPending ? null : <Verdict result={result} index={change.index} />}
    </Section>
  );
}

function Verdict({ result, index }: { result: ChangeCheck; index: number }) {
  const { failed } = result;
  const look = failed === null ? 'border-act bg-act-wash' : 'border-alert bg-alert-wash';
  return (
    <div role={failed === null ? 'status' : 'alert'} className={`max-w-[84ch] border-l-3 px-4 py-3 ${look}`}>
      <p className="font-strong">
        {failed === null ? words.verified(index, result.size ?? 0) : words.wrong}{' '}
        <span className="text-small font-normal text-soft">
          {words.read(result.files, bytes(result.bytes))}
        </span>
      </p>
      <ol className="mt-2 flex flex-col gap-1">
        {checks.map((check) => (
          <li key={check} className="flex gap-2">
            <Mark state={stateOf(check, result)} />
            <span>
              {words.checks[check]}
              {failed?.check === check ? (
                <span className="block text-alert">
                  {check === 'payload' ? words.wrongPayload : failed.text}
                </span>
              ) : null}
            </span>
          </li>
        ))}
      </ol>
      {failed === null ? (
        <>
          <p className="mt-2 text-small text-soft">{m.audit.unknownTitle}</p>
          <ul className="list-disc pl-5">
            {m.audit.unknown.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      ) : (
        <p className="mt-2">{failed.check === 'payload' ? words.wrongPayloadDo : m.audit.wrongDo}</p>
      )}
    </div>
  );
}

function stateOf(check: CheckName, result: ChangeCheck): 'passed' | 'failed' | 'notDone' {
  if (result.failed?.check === check) return 'failed';
  return result.passed.includes(check) ? 'passed' : 'notDone';
}

const marks = { passed: '✓', failed: '✗', notDone: '·' } as const;

function Mark({ state }: { state: keyof typeof marks }) {
  return (
    <span className={`w-4 shrink-0 font-strong ${state === 'failed' ? 'text-alert' : ''}`}>
      <span aria-hidden="true">{marks[state]}</span>
      <span className="sr-only">{words[state]}</span>
    </span>
  );
}
