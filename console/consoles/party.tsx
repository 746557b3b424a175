import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { PartyBehindConsole, PartyHolding } from '../api/holding-types.ts';
import { queries } from '../api/queries.ts';
import { ButtonLink, NumberLink, TextLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { PageFrame, Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { behindConsoles } from '../messages/pages/consoles.ts';
import { holdings } from '../messages/pages/holdings.ts';
import { Permitted } from '../shell/permitted.tsx';
import { People } from './columns.tsx';

const words = behindConsoles.one;
const cell = 'border-b border-line px-3 py-2 align-top';

/** Behind which consoles one party stands, what it gets there, and how many people of ours that touches. */
export function ConsolePartyPage() {
  const { party: id } = useParams({ from: '/signed-in/vendors/consoles/$party' });
  const party = useQuery(queries.consoleParty(id));
  if (party.data === undefined) {
    return (
      <PageFrame tab={behindConsoles.tab} title={id}>
        {party.error ? (
          <Trouble error={party.error} onRetry={() => void party.refetch()} />
        ) : (
          <Bones lines={6} />
        )}
      </PageFrame>
    );
  }
  return <Known party={party.data} />;
}

function Known({ party }: { party: PartyHolding }) {
  const { name, known, holders, vendors, unknown } = party;
  return (
    <PageFrame
      tab={name}
      title={
        vendors.length === 0
          ? words.none(name)
          : holders.accounts === 0
            ? words.titleUnknown(name, vendors.length)
            : words.title(name, vendors.length, holders.people)
      }
      lead={
        <>
          {holders.accounts === 0 ? null : words.each(holders.accounts)}{' '}
          {holders.unnamed === 0 ? null : `? ${behindConsoles.unnamed(holders.unnamed)}.`}{' '}
          {known ? null : `? ${words.host}`}
        </>
      }
      acts={
        <>
          {known ? (
            <>
              <ButtonLink to="/vendors/$vendor" params={{ vendor: party.party }}>
                {words.vendor}
              </ButtonLink>
              <Permitted action="incident.read">
                <ButtonLink to="/what-if/$party" params={{ party: party.party }}>
                  {words.whatIf}
                </ButtonLink>
              </Permitted>
            </>
          ) : null}
          <ButtonLink to="/vendors/consoles">{words.all}</ButtonLink>
        </>
      }
    >
      {vendors.length === 0 ? null : (
        <PlainTable
          label={words.table}
          heads={[words.console, words.how, words.fields, words.seen]}
          numeric={[words.people, words.calls]}
        >
          {vendors.map((one) => (
            <Row key={one.vendor} {...one} />
          ))}
        </PlainTable>
      )}
      {unknown.length === 0 ? null : (
        <Section title={holdings.unknown}>
          <ul className="max-w-[72ch] text-soft">
            {unknown.map(({ code, text }) => (
              <li key={code}>? {text}</li>
            ))}
          </ul>
        </Section>
      )}
    </PageFrame>
  );
}

function Row({ vendor, name, holders, link }: PartyHolding['vendors'][number]) {
  return (
    <tr>
      <th scope="row" className={`${cell} min-w-44 text-left font-normal`}>
        <TextLink to="/vendors/$vendor" params={{ vendor }} hash="console">
          {name}
        </TextLink>
        {link.hosts.length === 0 ? null : (
          <span className="block font-mono text-small break-all text-soft">{link.hosts.join(', ')}</span>
        )}
        {link.addresses.length === 0 ? null : (
          <span className="block font-mono text-small break-all text-soft">{link.addresses.join(', ')}</span>
        )}
      </th>
      <td className={`${cell} min-w-44`}>
        <How link={link} />
      </td>
      <td className={`${cell} min-w-44 font-mono text-small break-words`}>
        {link.fields.length === 0 ? (
          <span className="font-sans">{words.nothing}</span>
        ) : (
          link.fields.join(', ')
        )}
      </td>
      <td className={`${cell} min-w-44 tabular-nums`}>
        {link.firstSeen === null || link.lastSeen === null ? (
          `? ${behindConsoles.neverSeen}`
        ) : (
          <NumberLink
            to="/vendors/$vendor"
            params={{ vendor }}
            hash="visits"
            label={`${words.evidenceOf(name)}: ${words.seenFromTo(link.firstSeen, link.lastSeen)}`}
          >
            {words.seenFromTo(link.firstSeen, link.lastSeen)}
          </NumberLink>
        )}
        {link.notSeenIn === null ? null : (
          <span className="block text-soft">{holdings.notSeenIn(link.notSeenIn)}</span>
        )}
      </td>
      <td className={`${cell} text-right`}>
        <NumberLink to="/accounts/$vendor" params={{ vendor }}>
          <People holders={holders} />
        </NumberLink>
      </td>
      <td className={`${cell} text-right`}>{link.calls === null ? '?' : count(link.calls)}</td>
    </tr>
  );
}

/** Each layer in its own line: what was seen, and what somebody said. */
function How({ link }: { link: PartyBehindConsole }) {
  const scopes = link.scopes?.map((scope) => words.scopes[scope]) ?? null;
  return (
    <>
      {link.layer === 'observed' ? <span className="block">{holdings.observed}</span> : null}
      {link.declared && scopes !== null ? (
        <span className="block">○ {words.declaredFor(scopes)}</span>
      ) : link.firstParty === null ? (
        <span className="block">{holdings.whose}</span>
      ) : (
        <span className="block">{holdings.notDeclared}</span>
      )}
      <span className="block text-small text-soft">{link.source}</span>
    </>
  );
}
