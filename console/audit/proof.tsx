import { useQuery } from '@tanstack/react-query';
import type { ChangeDetail, LogRow } from '../api/audit-types.ts';
import { ApiError } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { bytesOf } from './checking.ts';
import { changeHolds } from './commitments.ts';
import { EntryVerdict } from './entry-verdict.tsx';
import { Outside } from './outside.tsx';
import { useWay, Way } from './way.tsx';

const words = m.audit.one;
const outsider = m.outsider;
const utf8 = new TextEncoder();

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
  const way = useWay(proof, entry, log);
  return (
    <>
      <Way way={way} broken={words.proofBroken} />
      <EntryVerdict
        index={change.index}
        log={log}
        lead={words.verifyLead}
        verified={words.verified}
        wrong={words.wrong}
        further={[
          {
            name: 'payload',
            holds: (bytes) => changeHolds(bytes, change),
            text: words.checks.payload,
            wrong: words.wrongPayload,
            wrongDo: words.wrongPayloadDo,
          },
        ]}
      />
      {typeof way === 'string' || !way.fits ? null : (
        <Outside
          file={`change-${change.id}`}
          title={outsider.change(change.id)}
          log={log}
          parts={[{ name: 'change', entry, proof, way }]}
          choices={[
            {
              name: 'row',
              label: outsider.row,
              hint: outsider.rowHint,
              files: [
                { name: 'row.json', text: outsider.rowFile, bytes: utf8.encode(change.payload) },
                { name: 'salt', text: outsider.saltFile, bytes: bytesOf(change.salt) },
              ],
            },
          ]}
        />
      )}
    </>
  );
}
