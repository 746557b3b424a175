import type { ReactNode } from 'react';
import type { IssuerFacts } from '../api/trust-types.ts';
import { Facts } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { roleNames } from '../people/words.ts';
import type { Asked } from './what.ts';

const words = m.approvals;

/** Whom it is about, and what they may do then. */
export function PersonFacts({ asked }: { asked: Extract<Asked, { kind: 'person' }> }) {
  const { email, roles, accessEnds } = asked;
  return (
    <Facts
      facts={[
        [words.personEmail, email],
        [words.personRoles, roleNames(roles)],
        [words.personEnds, accessEnds === null ? m.people.noEnd : <Exact key="ends" at={accessEnds} />],
      ]}
    />
  );
}

const rows = (of: IssuerFacts): readonly (readonly [string, string])[] => [
  [m.issuers.form.name, of.name],
  [m.issuers.address, of.issuer],
  [m.issuers.client, of.clientId],
  [m.issuers.domains, of.domains.join(', ')],
  [m.issuers.mfa, proofsOf(of)],
  [
    m.issuers.newcomers,
    of.newRoles === null ? m.issuers.newcomersNot : m.issuers.newcomersAs(roleNames(of.newRoles)),
  ],
  [words.issuerPrivate, of.private ? words.yes : words.no],
];

function proofsOf({ mfa }: IssuerFacts): string {
  const values = [...mfa.acr.map((one) => `acr ${one}`), ...mfa.amr.map((one) => `amr ${one}`)];
  return values.length === 0 ? m.issuers.mfaNever : m.issuers.mfaProved(values);
}

/** All that would be believed of a new issuer; of one that is there, what would be another than it is. */
export function IssuerChanges({ from, to }: { from: IssuerFacts | null; to: IssuerFacts }) {
  if (from === null) return <Facts facts={rows(to)} />;
  const before = new Map(rows(from));
  const changed = rows(to).filter(([name, value]) => before.get(name) !== value);
  return (
    <PlainTable label={words.issuerChange(from.name)} heads={[words.what, words.isNow, words.after]}>
      {changed.map(([name, value]) => (
        <tr key={name} className="h-9 border-b border-line">
          <th scope="row" className="px-3 font-normal text-soft">
            {name}
          </th>
          <td className="px-3">{before.get(name)}</td>
          <td className="px-3 font-strong">{value}</td>
        </tr>
      ))}
    </PlainTable>
  );
}

/** An act that this page has no picture for: all that is to be done, as it was asked for. */
export function RawFacts({ what }: { what: Record<string, unknown> }) {
  const textOf = (value: unknown): ReactNode => (
    <span className="font-mono text-small break-all">
      {typeof value === 'string' ? value : JSON.stringify(value)}
    </span>
  );
  return <Facts facts={Object.entries(what).map(([name, value]) => [name, textOf(value)] as const)} />;
}
