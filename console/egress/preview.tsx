import { useQuery } from '@tanstack/react-query';
import type { EgressChanged, EgressPreview } from '../api/egress-types.ts';
import { queries } from '../api/queries.ts';
import { count } from '../design/format.ts';
import { PlainTable } from '../design/plain-table.tsx';
import { Note } from '../design/state.tsx';
import { egress } from '../messages/pages/egress.ts';
import { egressRules } from '../messages/pages/egress-rules.ts';

const words = egressRules.preview;
const cell = 'border-b border-line px-3 py-1 align-top';

/** What a change of the rules would do; null: there is none to look at. */
export function usePreview(basedOn: number, change: object | null) {
  return useQuery({ ...queries.egressPreview(basedOn, change ?? {}), enabled: change !== null });
}

/** What a change would do to the hosts that were used lately, and whether it waits for a second person. */
export function Preview({ preview }: { preview: EgressPreview }) {
  const { loosens, before, after, opened, shut } = preview;
  return (
    <section aria-label={words.title} className="flex flex-col gap-3">
      <h3 className="font-strong">{words.title}</h3>
      <Note>
        <p>{words.counts(after.hosts, after.days, before.refused, after.refused)}</p>
        <p>{loosens ? words.loosens : words.tightens}</p>
      </Note>
      {opened.count + shut.count === 0 && after.hosts > 0 ? <p className="text-soft">{words.none}</p> : null}
      <Hosts label={words.opened(opened.count)} changed={opened} />
      <Hosts label={words.shut(shut.count)} changed={shut} />
    </section>
  );
}

function Hosts({ label, changed }: { label: string; changed: EgressChanged }) {
  if (changed.count === 0) return null;
  const isShut = changed.hosts.some(({ reason }) => reason !== null);
  return (
    <div>
      <p className="font-strong">{label}</p>
      {changed.count > changed.hosts.length ? (
        <p className="text-soft">{words.told(changed.hosts.length)}</p>
      ) : null}
      <PlainTable
        label={label}
        heads={[words.host, ...(isShut ? [words.why] : []), words.apps]}
        numeric={[words.crossings]}
      >
        {changed.hosts.map(({ host, vendor, apps, crossings, reason }) => (
          <tr key={host}>
            <th scope="row" className={`${cell} text-left font-mono text-small font-normal break-all`}>
              {host}
              <span className="block font-sans text-soft">{vendor ?? words.nobody}</span>
            </th>
            {isShut ? (
              <td className={cell}>
                {reason === null ? egress.passes : (egress.refusedFor[reason] ?? reason)}
              </td>
            ) : null}
            <td className={cell}>{apps.map(({ name }) => name).join(', ')}</td>
            <td className={`${cell} text-right`}>{count(crossings)}</td>
          </tr>
        ))}
      </PlainTable>
    </div>
  );
}
