import { Link } from '@tanstack/react-router';
import { TextLink } from '../design/button.tsx';
import { bytes } from '../design/format.ts';
import { Facts, Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { verify } from '../messages/pages/verify.ts';
import { desk } from '../messages/pages/verify-desk.ts';
import { becameOf, nameOf, VerdictMark } from './marks.tsx';
import type { MessageDetail } from './shapes.ts';

const words = desk.one;
const cell = 'border-b border-line px-3 py-2 align-top';

/** Messages like it, how it was judged, and what of it is kept. */
export function Kept({ message }: { message: MessageDetail }) {
  const { similar, campaign, history, kept } = message;
  return (
    <>
      <Section
        title={words.similar}
        acts={
          campaign === null ? null : (
            <TextLink to="/messages/campaigns/$campaign" params={{ campaign }}>
              {words.ofCampaign}
            </TextLink>
          )
        }
      >
        {similar.length === 0 ? (
          <p className="text-soft">{words.similarNone}</p>
        ) : (
          <PlainTable
            label={words.similarTable}
            heads={[verify.heads.message, verify.heads.verdict, verify.heads.state]}
            numeric={[verify.heads.when]}
          >
            {similar.map((one) => (
              <tr key={one.id}>
                <td className={cell}>
                  <Link to="/messages/$message" params={{ message: one.id }} className="number-link">
                    {nameOf(one)}
                  </Link>
                </td>
                <td className={cell}>
                  <VerdictMark verdict={one.verdict} />
                </td>
                <td className={cell}>{becameOf(one)}</td>
                <td className={`${cell} text-right`}>
                  <Ago at={one.at} />
                </td>
              </tr>
            ))}
          </PlainTable>
        )}
      </Section>
      <Section title={words.history}>
        <ol aria-label={words.historyTable} className="max-w-[900px] border-t border-line">
          {history.map(({ at, verdict, because }) => (
            <li
              key={`${at} ${because}`}
              className="grid gap-x-6 border-b border-line py-2 sm:grid-cols-[184px_168px_minmax(0,1fr)]"
            >
              <Exact at={at} />
              <span>
                <VerdictMark verdict={verdict} />
              </span>
              <span>{because}</span>
            </li>
          ))}
        </ol>
      </Section>
      <Parts message={message} />
      <Section title={words.dns} lead={words.dnsLead}>
        {message.dns.length === 0 ? (
          <p className="text-soft">{words.dnsNone}</p>
        ) : (
          <PlainTable
            label={words.dnsTable}
            heads={[words.dnsHeads.name, words.dnsHeads.type]}
            numeric={[words.dnsHeads.at]}
          >
            {message.dns.map(({ name, type, at }) => (
              <tr key={`${name} ${type}`}>
                <td className={`${cell} font-mono text-small break-all`}>{name}</td>
                <td className={cell}>{type}</td>
                <td className={`${cell} text-right`}>
                  <Exact at={at} />
                </td>
              </tr>
            ))}
          </PlainTable>
        )}
        <p className="text-soft">
          {words.kept} <Exact at={kept.until} />, {kept.raw ? words.keptRaw : words.keptNoRaw}.
        </p>
      </Section>
    </>
  );
}

/** To whom it went, its attachments, and where its links lead, as text alone. */
function Parts({ message: { to, attachments, links } }: { message: MessageDetail }) {
  const heads = words.attachmentHeads;
  return (
    <>
      <Section title={words.attachments}>
        {attachments.length === 0 ? (
          <p className="text-soft">{words.attachmentsNone}</p>
        ) : (
          <PlainTable label={words.attachmentsTable} heads={[heads.name, heads.kind]} numeric={[heads.size]}>
            {attachments.map((one) => (
              <tr key={`${one.name} ${one.bytes}`}>
                <td className={`${cell} font-mono text-small break-all`}>{one.name}</td>
                <td className={cell}>{one.kind}</td>
                <td className={`${cell} text-right whitespace-nowrap`}>{bytes(one.bytes)}</td>
              </tr>
            ))}
          </PlainTable>
        )}
      </Section>
      <Section title={words.links}>
        {links.length === 0 ? (
          <p className="text-soft">{words.linksNone}</p>
        ) : (
          <ul className="flex flex-col gap-1 font-mono text-small break-all">
            {links.map((link) => (
              <li key={link}>{link}</li>
            ))}
          </ul>
        )}
        {to.length === 0 ? null : <Facts facts={[[words.to, to.join(', ')]]} />}
      </Section>
    </>
  );
}
