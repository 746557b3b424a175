import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import type { Notice, NoticeRecipient, RecipientState } from '../api/notice-types.ts';
import { Button } from '../design/button.tsx';
import { ByPlace, languageName } from '../design/by-place.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { notices as words } from '../messages/pages/notices.ts';
import { AddressesSheet } from './addresses.tsx';
import { BounceSheet } from './bounce.tsx';
import { recipientsOf } from './next.tsx';
import { noticeQueries } from './queries.ts';

interface Collected {
  recipients: number;
  withoutAddress: number;
  others: number;
}

/** Whom a notice is for, by what they read: all, those of its language, or all others. */
type Whom = keyof typeof words.whom;

/** To whom it goes. Addresses show to who may see them alone, when they ask. */
export function Recipients({ incident, notice }: { incident: string; notice: Notice }) {
  const client = useQueryClient();
  const templates = useQuery(noticeQueries.templates());
  const [isEntering, enter] = useState(false);
  const [isBouncing, bounce] = useState(false);
  const [whom, choose] = useState<Whom>('all');
  const [mayWork, maySend] = [useMay('incident.work'), useMay('notice.send')];
  const path = `/incidents/${incident}/notices/${notice.id}/recipients`;
  const told = async (): Promise<void> => {
    enter(false);
    await client.invalidateQueries();
  };
  const collect = useMutation({
    mutationFn: (asked: object) => write<Collected>('POST', `${path}/collected`, { body: asked }),
    onSuccess: told,
  });
  const put = useMutation({
    mutationFn: (recipients: { address: string }[]) =>
      write<Collected>('PUT', path, { body: { recipients } }),
    onSuccess: told,
  });
  const isDirectory =
    templates.data?.items.find(({ id }) => id === notice.template)?.recipients === 'directory';
  const people = recipientsOf(notice);
  const canCollect = notice.drill || notice.follows !== null || isDirectory;
  const byLanguage = isDirectory && !notice.drill && notice.follows === null;
  const asked: Record<Whom, object> = {
    all: {},
    readers: { languages: [notice.language] },
    others: { otherThan: languages.filter((one) => one !== notice.language) },
  };
  const found = collect.data ?? put.data;
  return (
    <Section
      title={words.recipients}
      acts={
        notice.state === 'draft' && mayWork && templates.data !== undefined ? (
          <>
            {byLanguage ? (
              <select
                className="control w-auto"
                aria-label={words.whomLabel}
                value={whom}
                onChange={({ target }) => choose(target.value as Whom)}
              >
                {(Object.keys(words.whom) as Whom[]).map((one) => (
                  <option key={one} value={one}>
                    {words.whom[one](
                      languageName(notice.language),
                      languages
                        .filter((other) => other !== notice.language)
                        .map(languageName)
                        .join(', '),
                    )}
                  </option>
                ))}
              </select>
            ) : null}
            {canCollect ? (
              <Button
                slim
                disabled={collect.isPending}
                onClick={() => collect.mutate(byLanguage ? asked[whom] : {})}
              >
                {notice.drill
                  ? words.collectDrill
                  : notice.follows !== null
                    ? words.collectEarlier
                    : words.collect}
              </Button>
            ) : null}
            {notice.drill || isDirectory ? null : (
              <Button slim onClick={() => enter(true)}>
                {words.enterRecipients}
              </Button>
            )}
          </>
        ) : ['sending', 'sent'].includes(notice.state) && maySend ? (
          <Button slim onClick={() => bounce(true)}>
            {words.bounce}
          </Button>
        ) : null
      }
    >
      {collect.error ? <Trouble error={collect.error} /> : null}
      {found === undefined ? null : (
        <Note>
          {words.collected(found.recipients, found.withoutAddress)}
          {found.others === 0 ? null : ` ${words.others(found.others)}`}
        </Note>
      )}
      <p>{people === 0 ? words.noRecipients : words.collected(people, 0)}</p>
      {notice.readers.some(({ country, language }) => country !== null || language !== null) ? (
        <ByPlace
          label={words.readers}
          places={notice.readers.map(({ recipients, ...where }) => ({ ...where, people: recipients }))}
          words={words.place}
        />
      ) : null}
      <Deciding incident={incident} notice={notice} />
      {isBouncing ? (
        <BounceSheet path={`/incidents/${incident}/notices/${notice.id}`} onClose={() => bounce(false)} />
      ) : null}
      {isEntering ? (
        <AddressesSheet
          title={words.enterRecipients}
          error={put.error}
          isPending={put.isPending}
          onSend={(given) => put.mutate(given)}
          onClose={() => enter(false)}
        />
      ) : null}
    </Section>
  );
}

/** In which texts are written. */
const languages = ['en', 'de'] as const;

const TO_DECIDE: readonly RecipientState[] = ['in_doubt', 'refused', 'gave_up'];

/** Those of whom a person has to say what becomes of them. */
function Deciding({ incident, notice }: { incident: string; notice: Notice }) {
  const client = useQueryClient();
  const [mayShow, maySend] = [useMay('directory.show'), useMay('notice.send')];
  const path = `/incidents/${incident}/notices/${notice.id}`;
  const show = useMutation({
    mutationFn: async () => {
      const parts = await Promise.all(
        TO_DECIDE.filter((state) => notice.recipients[state] > 0).map((state) =>
          write<{ items: NoticeRecipient[] }>('POST', `${path}/recipients/shown`, { body: { state } }),
        ),
      );
      return parts.flatMap(({ items }) => items);
    },
  });
  const settle = useMutation({
    mutationFn: ({ n, decision }: { n: number; decision: keyof typeof words.decide }) =>
      write<Notice>('POST', `${path}/settled`, { body: { n, decision }, reason: words.decide[decision] }),
    onSuccess: async () => {
      await client.invalidateQueries();
      show.mutate();
    },
  });
  if (!TO_DECIDE.some((state) => notice.recipients[state] > 0) || !mayShow) return null;
  const rows = show.data ?? [];
  const error = show.error ?? settle.error;
  return (
    <>
      <p className="flex flex-wrap items-center gap-3">
        <Button slim disabled={show.isPending} onClick={() => show.mutate()}>
          {words.show}
        </Button>
        <span className="text-soft">{words.showWhy}</span>
      </p>
      {error ? <Trouble error={error} /> : null}
      {rows.length === 0 ? null : (
        <PlainTable label={words.show} heads={[words.to, words.heads.state, words.said, words.next]}>
          {rows.map((row) => (
            <tr key={row.n}>
              <td className="h-9 border-b border-line px-3 py-2">{row.address}</td>
              <td className="h-9 border-b border-line px-3 py-2">{words.counts[row.state]}</td>
              <td className="h-9 border-b border-line px-3 py-2">{row.answer ?? row.code}</td>
              <td className="h-9 border-b border-line px-3 py-2">
                {maySend ? (
                  <span className="flex flex-wrap gap-1">
                    {(Object.keys(words.decide) as (keyof typeof words.decide)[])
                      .filter((decision) => decision !== 'sent' || row.state === 'in_doubt')
                      .map((decision) => (
                        <Button
                          key={decision}
                          slim
                          disabled={settle.isPending}
                          aria-label={`${words.decide[decision]}: ${row.address}`}
                          onClick={() => settle.mutate({ n: row.n, decision })}
                        >
                          {words.decide[decision]}
                        </Button>
                      ))}
                  </span>
                ) : null}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </>
  );
}
