import { useQuery } from '@tanstack/react-query';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { ButtonLink, TextLink } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { map } from '../messages/pages/map.ts';

const words = map.behind;
const cell = 'border-b border-line px-3 py-2';

/** On a vendor's page: to whom it hands data on. Nothing for those who may not see the chain. */
export function BehindVendor({ vendor }: { vendor: string }) {
  const mayRead = useMay('chain.read');
  const edges = useQuery({ ...queries.chainEdgesFrom(vendor), enabled: mayRead });
  if (!mayRead || (edges.data === undefined && edges.error === null)) return null;
  return (
    <Section
      title={words.title}
      lead={edges.data?.length === 0 ? words.none : words.lead}
      acts={
        <ButtonLink to="/map" search={{ lost: vendor }} slim>
          {words.map}
        </ButtonLink>
      }
    >
      {edges.error ? <Trouble error={edges.error} onRetry={() => void edges.refetch()} /> : null}
      {edges.data === undefined || edges.data.length === 0 ? null : (
        <PlainTable
          label={words.table}
          heads={[map.vendor, map.layer, map.scopes, map.source]}
          numeric={[map.since]}
        >
          {edges.data.map(({ to, layer, scopes, source, note, validFrom, firstSeenAt }) => (
            <tr key={`${to} ${layer}`}>
              <td className={cell}>
                <TextLink to="/vendors/$vendor" params={{ vendor: to }}>
                  {to}
                </TextLink>
              </td>
              <td className={`${cell} whitespace-nowrap`}>{map.marks[layer]}</td>
              <td className={cell}>
                {scopes.length === 0
                  ? map.scopesUnknown
                  : scopes.map((scope) => map.scopeNames[scope]).join(', ')}
              </td>
              <td className={cell}>
                {source.text}
                {note === null ? null : <span className="block text-small text-soft">{note}</span>}
              </td>
              <td className={`${cell} text-right`}>
                <Ago at={validFrom ?? firstSeenAt} />
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Section>
  );
}
