import { TextLink } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { Exact } from '../design/time.tsx';
import { verify } from '../messages/pages/verify.ts';
import { desk } from '../messages/pages/verify-desk.ts';
import { RecordLink } from './desk-evidence.tsx';
import type { MessageDetail } from './shapes.ts';

const words = desk.one;
const row = 'grid gap-x-6 border-b border-line py-2 sm:grid-cols-[168px_minmax(0,1fr)]';

/** What nobody else can tell: our records, our incidents, our accounts. */
export function OwnRecords({ message }: { message: MessageDetail }) {
  const { claims, quoted, account } = message;
  return (
    <>
      <Section title={words.claims} lead={words.claimsLead}>
        {claims.length === 0 ? (
          <p className="text-soft">{words.claimsNone}</p>
        ) : (
          <ul className="max-w-[900px] border-t border-line">
            {claims.map((one) => (
              <li key={`${one.claim} ${one.text}`} className={row}>
                <span className={one.result === 'contradicted' ? 'font-strong text-alert' : 'font-strong'}>
                  {words.results[one.result]}
                </span>
                <span>
                  {one.text}
                  <RecordLink href={one.href} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title={words.quoted}>
        {quoted.length === 0 ? (
          <p className="text-soft">{words.quotedNone}</p>
        ) : (
          <ul className="max-w-[900px] border-t border-line">
            {quoted.map((one) => (
              <li key={`${one.field} ${one.text}`} className={row}>
                <span className="font-strong break-words">{one.field}</span>
                <span>
                  {one.text} {words.knownSince}{' '}
                  {one.since === null ? words.sinceUnknown : <Exact at={one.since} />}.{' '}
                  {one.incident === null ? null : (
                    <TextLink to="/incidents/$incident" params={{ incident: one.incident.id }}>
                      {one.incident.number}: {one.incident.title}
                    </TextLink>
                  )}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title={words.account}>
        <ul className="flex flex-col gap-1">
          <li>{words.holds(account.holds)}</li>
          <li className={account.registeredAddress === false ? 'font-strong text-alert' : ''}>
            {words.registered(account.registeredAddress)}
          </li>
          {account.text === '' ? null : <li className="text-soft">{account.text}</li>}
        </ul>
        <p className="text-soft">{verify.alike(message.alike)}</p>
      </Section>
    </>
  );
}
