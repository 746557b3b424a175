import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button, TextButton } from '../design/button.tsx';
import { Facts, Section } from '../design/page.tsx';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { verify as words } from '../messages/pages/verify.ts';
import { nameOf } from './marks.tsx';
import { messageQueries } from './queries.ts';
import type { MessageDetail } from './shapes.ts';

/** Why, where to look for oneself, and what came of looking. Nothing of the message is more than text here. */
export function Answer({ message }: { message: MessageDetail }) {
  const { reasons, ours } = message;
  const mayReadIncidents = useMay('incident.read');
  return (
    <div className="flex max-w-[760px] flex-col gap-8">
      {ours === null ? null : (
        <Note>
          {words.ours(ours.title)}{' '}
          {mayReadIncidents ? (
            <Link
              to="/incidents/$incident/notices/$notice"
              params={{ incident: ours.incident, notice: ours.notice }}
              className="number-link"
            >
              {words.oursLink}
            </Link>
          ) : null}
        </Note>
      )}
      {reasons.length === 0 ? null : (
        <Section title={words.why}>
          <ol className="flex list-decimal flex-col gap-1 pl-6">
            {reasons.slice(0, 3).map((reason) => (
              <li key={reason} className="break-words">
                {reason}
              </li>
            ))}
          </ol>
        </Section>
      )}
      <Look message={message} />
      <Next message={message} />
      {message.forwardAsAttachment ? (
        <Section title={words.forward}>
          <p className="max-w-[72ch]">{words.forwardHow}</p>
        </Section>
      ) : null}
      <HandedIn message={message} />
    </div>
  );
}

/** The host of an address of the register, if it may be offered: https, and nothing in it that stands for a person. */
function hostOf(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null;
  const { protocol, host, username } = new URL(url);
  return protocol === 'https:' && username === '' ? host : null;
}

function Look({ message }: { message: MessageDetail }) {
  const { dashboard } = message;
  const host = hostOf(dashboard?.url ?? null);
  return (
    <Section title={words.look}>
      {dashboard === null ? (
        <p>{words.noVendor}</p>
      ) : (
        <>
          {dashboard.url !== null && host !== null ? (
            <p>
              <a
                href={dashboard.url}
                target="_blank"
                rel="noopener noreferrer"
                className="inline-flex min-h-11 items-center rounded-md border border-act bg-act px-4 font-strong text-act-ink no-underline"
              >
                {words.lookAt(dashboard.vendor)}
              </a>
              <span className="mt-1 block text-small text-soft">{words.lookHost(host)}</span>
            </p>
          ) : (
            <p>{words.noAddress(dashboard.vendor)}</p>
          )}
          <p className="font-strong">{words.lookFor(dashboard.lookFor)}</p>
        </>
      )}
      {dashboard === null ? null : <Question key={message.answer?.at ?? ''} message={message} />}
    </Section>
  );
}

function Question({ message }: { message: MessageDetail }) {
  const client = useQueryClient();
  const mine = useQuery(queries.session()).data?.actor?.id === message.by?.id;
  const [again, lookAgain] = useState(false);
  const say = useMutation({
    mutationFn: (there: boolean) =>
      write<MessageDetail>('POST', `/messages/${encodeURIComponent(message.id)}/answer`, {
        body: { there },
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: async (now) => {
      client.setQueryData(messageQueries.message(message.id).queryKey, now);
      await client.invalidateQueries({ queryKey: ['/messages'] });
    },
  });
  const { answer } = message;
  if (answer !== null && !again) {
    return (
      <div role="status" className="flex flex-col gap-1">
        <Note urgent={!answer.there}>
          <p className="font-strong">{answer.there ? words.isThere : words.isNotThere}</p>
          <p>{answer.there ? words.isThereNext : words.isNotThereNext}</p>
        </Note>
        {mine || message.by === null ? (
          <TextButton onClick={() => lookAgain(true)}>{words.changeAnswer}</TextButton>
        ) : null}
      </div>
    );
  }
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-2 font-strong">{words.question}</legend>
      <div className="flex flex-wrap gap-2">
        <Button disabled={say.isPending} onClick={() => say.mutate(true)}>
          {words.there}
        </Button>
        <Button disabled={say.isPending} onClick={() => say.mutate(false)}>
          {words.notThere}
        </Button>
      </div>
      {say.error ? <Trouble error={say.error} /> : null}
    </fieldset>
  );
}

/** What somebody of security made of it, or that somebody will. */
function Next({ message: { closed } }: { message: MessageDetail }) {
  return (
    <Section title={words.next}>
      {closed === null ? (
        <p>{words.nextOpen}</p>
      ) : (
        <>
          <p>{words.nextClosed(closed.by.name, words.closedAs[closed.as])}</p>
          {closed.reply === null ? null : (
            <blockquote className="border-l-3 border-line-strong pl-4 whitespace-pre-line">
              {closed.reply}
            </blockquote>
          )}
        </>
      )}
    </Section>
  );
}

/** The message itself, as far as it may be seen: text, and never a link. */
function HandedIn({ message }: { message: MessageDetail }) {
  const { from } = message;
  const [isShown, show] = useState(false);
  const mine = useQuery(queries.session()).data?.actor?.id === message.by?.id;
  return (
    <Section title={words.about}>
      <Facts
        facts={[
          [words.subject, nameOf(message)],
          [
            words.from,
            from === null
              ? words.fromNobody
              : [from.name, from.address].filter((part) => part !== '').join(', '),
          ],
          [words.came, `${words.channels[message.channel]}. ${words.cameBy[message.came]}.`],
        ]}
      />
      {isShown ? (
        <MessageText message={message.id} />
      ) : (
        <TextButton onClick={() => show(true)}>{mine ? words.showText : words.showTextRecorded}</TextButton>
      )}
    </Section>
  );
}

function MessageText({ message }: { message: string }) {
  const text = useQuery(messageQueries.text(message));
  if (text.data === undefined) {
    return text.error ? (
      <Trouble error={text.error} onRetry={() => void text.refetch()} />
    ) : (
      <Bones lines={4} />
    );
  }
  return (
    <div className="flex flex-col gap-1">
      <p className="text-small text-soft">
        {words.textLead} {text.data.cut ? words.textCut : ''}
      </p>
      <ScrollRegion label={words.text}>
        <pre className="max-h-[480px] overflow-y-auto bg-sunken px-4 py-3 font-mono text-small break-words whitespace-pre-wrap">
          {text.data.text}
        </pre>
      </ScrollRegion>
    </div>
  );
}
