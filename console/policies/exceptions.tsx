import { useQuery } from '@tanstack/react-query';
import { write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button, TextLink } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import type { Act } from './act.ts';
import { ReasonSheet } from './reason-sheet.tsx';

const words = m.policies;

/** Exceptions from policies; nothing where there was none. */
export function Exceptions({ act }: { act: Act }) {
  const grants = useQuery(queries.grants());
  const mayGrant = useMay('access.grant');
  const items = grants.data?.items ?? [];
  if (items.length === 0) return null;
  const chosen = items.find(({ id }) => id === act.of);
  return (
    <Section title={words.exceptions} lead={words.exceptionsLead}>
      <PlainTable
        label={words.exceptionsTable}
        heads={[words.for, words.from, words.grantedBy, words.end]}
        numeric={[words.ending]}
      >
        {items.map((grant) => (
          <tr key={grant.id} className="border-b border-line align-top">
            <td className="px-3 py-2">
              {grant.app.name}, {grant.connection.name}
              <p className="text-small text-soft">{grant.reason}</p>
            </td>
            <td className="px-3 py-2">
              <TextLink to="/policies/$policy" params={{ policy: grant.policy.name }}>
                {grant.policy.title}
              </TextLink>
            </td>
            <td className="px-3 py-2">{grant.grantedBy}</td>
            <td className="px-3 py-2">
              {grant.inForce && mayGrant ? (
                <Button
                  slim
                  aria-label={`${words.end}: ${grant.app.name}`}
                  onClick={() => act.set('end', grant.id)}
                >
                  {words.end}
                </Button>
              ) : (
                <span className="text-soft">{grant.inForce ? '' : words.over}</span>
              )}
            </td>
            <td className="px-3 py-2 text-right whitespace-nowrap">
              <Ago at={grant.endedAt ?? grant.until} />
            </td>
          </tr>
        ))}
      </PlainTable>
      {act.act === 'end' && chosen !== undefined ? (
        <ReasonSheet
          title={words.endTitle(chosen.app.name)}
          submit={words.end}
          weight="danger"
          act={(reason) => write('POST', `/grants/${chosen.id}/end`, { body: {}, reason })}
          onClose={() => act.set(undefined, undefined)}
        >
          <p>{words.endLead}</p>
        </ReasonSheet>
      ) : null}
    </Section>
  );
}
