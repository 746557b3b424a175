import type { RootDetail, WitnessRow } from '../api/audit-types.ts';
import { count } from '../design/format.ts';
import { PlainTable } from '../design/plain-table.tsx';
import { Note } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.audit.above;

/** What the root log is there for: who vouches for it, and which logs it speaks for. */
export function RootParts({ root }: { root: RootDetail }) {
  const refused = root.logs.filter(({ trouble }) => trouble !== null);
  return (
    <div className="flex flex-col gap-3">
      {refused.map(({ origin, trouble }) => (
        <div key={origin} role="alert">
          <Note urgent>
            <p className="break-words">{trouble?.text}</p>
            <p className="text-soft">
              {words.notTakenIn} <Ago at={trouble?.since} />
            </p>
          </Note>
        </div>
      ))}
      <Witnesses root={root} />
      {root.logs.length === 0 ? null : <Held root={root} />}
    </div>
  );
}

function Witnesses({ root: { required, witnesses } }: { root: RootDetail }) {
  if (witnesses.length === 0) {
    return (
      <p className="text-soft">
        {words.none} <span className="whitespace-nowrap">{words.how}</span>
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-1">
      <p>{words.required(required, witnesses.length)}</p>
      <PlainTable label={words.witnesses} heads={[words.witness]} numeric={[words.at, words.over]}>
        {witnesses.map((witness) => (
          <Witness key={witness.key} witness={witness} />
        ))}
      </PlainTable>
    </div>
  );
}

function Witness({ witness }: { witness: WitnessRow }) {
  const { name, key, size, cosignedAt, trouble } = witness;
  return (
    <tr className="border-b border-line align-top">
      <td className="px-3 py-2">
        <span className="font-mono text-small break-all" title={key}>
          {name}
        </span>
        {trouble === null ? null : (
          <p className="max-w-[64ch] text-small break-words">
            <span className="font-strong text-alert">{words.now[trouble.code] ?? words.unsure}</span>{' '}
            {trouble.text}{' '}
            <span className="text-soft">
              {words.since} <Ago at={trouble.since} />
            </span>
          </p>
        )}
      </td>
      <td className="px-3 py-2 text-right">
        <Ago at={cosignedAt} />
      </td>
      <td className="px-3 py-2 text-right">{size === 0 ? '–' : count(size)}</td>
    </tr>
  );
}

function Held({ root }: { root: RootDetail }) {
  return (
    <details>
      <summary className="w-fit text-soft">{words.holds(root.logs.length)}</summary>
      <PlainTable label={words.held} heads={[words.log]} numeric={[words.takenAt, words.over, words.entry]}>
        {root.logs.map(({ origin, index, size, takenAt }) => (
          <tr key={origin} className="border-b border-line align-top">
            <td className="px-3 py-2 font-mono text-small break-all">{origin}</td>
            <td className="px-3 py-2 text-right">
              <Ago at={takenAt} />
            </td>
            <td className="px-3 py-2 text-right">{count(size)}</td>
            <td className="px-3 py-2 text-right">{index === null ? '–' : count(index)}</td>
          </tr>
        ))}
      </PlainTable>
    </details>
  );
}
