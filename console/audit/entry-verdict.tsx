import { useMutation } from '@tanstack/react-query';
import { Button } from '../design/button.tsx';
import { bytes } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import type { KnownLog } from './checking.ts';
import { checkEntry, type EntryCheck, entryChecks, type Further } from './entry-checking.ts';

const words = m.audit.one;

/** A further check, and how it is told. */
export interface ToldCheck extends Further {
  text: string;
  /** When it does not hold: what that means, and what to do. */
  wrong: string;
  wrongDo: string;
}

interface EntryVerdictProps {
  index: number;
  log: KnownLog;
  further: readonly ToldCheck[];
  lead: string;
  verified: (index: number, size: number) => string;
  wrong: string;
}

/** Verifies one entry on what is downloaded now, step by step; what it came to stays on the page. */
export function EntryVerdict(props: EntryVerdictProps) {
  const { index, log, further, lead } = props;
  const check = useMutation({
    mutationFn: () => checkEntry(index, log, further, AbortSignal.timeout(60_000)),
  });
  const result = check.data;
  return (
    <Section
      title={words.verify}
      lead={lead}
      acts={
        <Button weight="main" disabled={check.isPending} onClick={() => check.mutate()}>
          {result === undefined ? m.audit.verify : m.audit.verifyAgain}
        </Button>
      }
    >
      {check.error ? <Trouble error={check.error} onRetry={() => check.mutate()} /> : null}
      {check.isPending ? <p role="status">{words.working}</p> : null}
      {result === undefined || check.isPending ? null : <Verdict {...props} result={result} />}
    </Section>
  );
}

function Verdict({ result, index, further, verified, wrong }: EntryVerdictProps & { result: EntryCheck }) {
  const { failed } = result;
  const look = failed === null ? 'border-act bg-act-wash' : 'border-alert bg-alert-wash';
  const failedFurther = further.find(({ name }) => name === failed?.check);
  const checks = [
    ...entryChecks.map((name) => ({ name, text: words.checks[name] })),
    ...further.map(({ name, text }) => ({ name, text })),
  ];
  return (
    <div role={failed === null ? 'status' : 'alert'} className={`max-w-[84ch] border-l-3 px-4 py-3 ${look}`}>
      <p className="font-strong">
        {failed === null ? verified(index, result.size ?? 0) : wrong}{' '}
        <span className="text-small font-normal text-soft">
          {words.read(result.files, bytes(result.bytes))}
        </span>
      </p>
      <ol className="mt-2 flex flex-col gap-1">
        {checks.map(({ name, text }) => (
          <li key={name} className="flex gap-2">
            <Mark state={stateOf(name, result)} />
            <span>
              {text}
              {failed?.check === name ? (
                <span className="block text-alert">{failedFurther?.wrong ?? failed.text}</span>
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
        <p className="mt-2">{failedFurther?.wrongDo ?? m.audit.wrongDo}</p>
      )}
    </div>
  );
}

function stateOf(check: string, result: EntryCheck): 'passed' | 'failed' | 'notDone' {
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
