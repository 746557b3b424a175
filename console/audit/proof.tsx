import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ChangeDetail, LogRow } from '../api/audit-types.ts';
import { ApiError } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { ChangeVerdict } from './change-check.tsx';
import { type LitPath, lightPath } from './checking.ts';
import { Outside } from './outside.tsx';
import { ProofTree } from './tree.tsx';

const words = m.audit.one;

/** That the log has the change: the way from its entry to the signed root, and how to check it, here and elsewhere. */
export function Proof({ change }: { change: ChangeDetail }) {
  const logs = useQuery(queries.logs());
  const proof = useQuery({ ...queries.proof(change.id), enabled: change.index !== null });
  const log = logs.data?.items.find((row) => row.origin === change.log);
  const { entry, index } = change;
  if (index === null || entry === null) {
    return (
      <Section title={words.proof}>
        <Note urgent={change.agrees === 'no'}>{change.note}</Note>
      </Section>
    );
  }
  const error = proof.error ?? logs.error;
  if (error !== null && proof.data === undefined) {
    const isEarly = error instanceof ApiError && error.status === 409;
    return (
      <Section title={words.proof}>
        {isEarly ? (
          <Note>{error.message}</Note>
        ) : (
          <Trouble error={error} onRetry={() => void proof.refetch()} />
        )}
      </Section>
    );
  }
  if (log === undefined || proof.data === undefined) {
    return (
      <Section title={words.proof}>
        <Bones lines={6} />
      </Section>
    );
  }
  return <Known change={{ ...change, index }} entry={entry} log={log} proof={proof.data} />;
}

interface KnownProps {
  change: ChangeDetail & { index: number };
  entry: string;
  log: LogRow;
  proof: string;
}

function Known({ change, entry, log, proof }: KnownProps) {
  const lit = useMemo(() => lightOrTrouble(proof, entry, log), [proof, entry, log]);
  if (typeof lit === 'string') {
    return (
      <Section title={words.proof}>
        <div role="alert">
          <Note urgent>
            <p className="font-strong">{words.proofBroken}</p>
            <p>{lit}</p>
          </Note>
        </div>
        <ChangeVerdict change={change} log={log} />
      </Section>
    );
  }
  return (
    <>
      <Section title={words.proof} lead={words.proofLead(lit.index, lit.size)}>
        {lit.fits ? null : (
          <div role="alert">
            <Note urgent>{words.proofBroken}</Note>
          </div>
        )}
        <ProofTree lit={lit} />
      </Section>
      <ChangeVerdict change={change} log={log} />
      <Outside
        change={change}
        entry={bytesOf(entry)}
        checkpoint={lit.checkpoint}
        verifierKey={log.verifierKey}
        proof={proof}
      />
    </>
  );
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** The way, or why there is none. */
function lightOrTrouble(proof: string, entry: string, log: LogRow): LitPath | string {
  try {
    return lightPath(proof, entry, log);
  } catch (error) {
    // Whatever is wrong with what came is said in the place of the picture.
    return error instanceof Error ? error.message : String(error);
  }
}
