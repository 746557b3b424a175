import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { write } from '../api/client.ts';
import type { ReminderChannel, RemindersView } from '../api/obligation-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { Facts, Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Empty, Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { obligations } from '../messages/pages/obligations.ts';
import { Permitted } from '../shell/permitted.tsx';
import { ChannelSheet, RemoveChannel } from './channel.tsx';
import { EscalationSheet, LeadTimesSheet } from './lead-times.tsx';
import type { Open } from './page.tsx';

const words = obligations.reminders;

/** Who is reminded, through what, when, and what did not arrive. */
export function RemindersPart({ open }: { open: Open }) {
  const { data, error, refetch } = useQuery(queries.reminders());
  const people = useQuery({ ...queries.people(), enabled: data !== undefined }).data;
  const close = (): void => open.set();
  const channel = data?.reminders.channels.find(({ id }) => id === open.of);
  const add = (
    <Permitted action="obligation.change">
      <Button slim onClick={() => open.set('channel')}>
        {words.add}
      </Button>
    </Permitted>
  );
  return (
    <Section
      title={words.title}
      lead={words.lead}
      acts={data === undefined || data.reminders.channels.length === 0 ? null : add}
    >
      {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Bones lines={4} /> : null}
      {data === undefined ? null : (
        <>
          {data.trouble === null ? null : <Note urgent>{data.trouble}</Note>}
          {!data.mailReady && data.reminders.channels.some(({ kind }) => kind === 'email') ? (
            <Note urgent>{words.noMail}</Note>
          ) : null}
          {data.reminders.channels.length === 0 ? (
            <Empty
              title={words.empty}
              example={<p className="border-l-3 border-line pl-4">{words.example}</p>}
              act={add}
            >
              {words.emptyText}
            </Empty>
          ) : (
            <Channels view={data} open={open} />
          )}
          <Times view={data} open={open} nameOf={(id) => people?.find((one) => one.id === id)?.name ?? id} />
          <Problems />
          {open.act === 'channel' ? <ChannelSheet view={data} channel={null} onClose={close} /> : null}
          {open.act === 'channel-change' && channel !== undefined ? (
            <ChannelSheet key={channel.id} view={data} channel={channel} onClose={close} />
          ) : null}
          {open.act === 'channel-remove' && channel !== undefined ? (
            <RemoveChannel view={data} channel={channel} onClose={close} />
          ) : null}
          {open.act === 'times' ? <LeadTimesSheet view={data} onClose={close} /> : null}
          {open.act === 'escalation' ? (
            <EscalationSheet view={data} people={people ?? []} onClose={close} />
          ) : null}
        </>
      )}
    </Section>
  );
}

function whereOf(channel: ReminderChannel): string {
  switch (channel.kind) {
    case 'email':
      return channel.to === 'leads' ? words.leadsOfIncident : channel.to;
    case 'webhook':
      return channel.url;
    case 'slack':
    case 'teams':
      return words.hidden;
    case 'pagerduty':
      return words.region(channel.region);
    case 'jira':
      return `${channel.site}, ${channel.project}`;
  }
}

function Channels({ view, open }: { view: RemindersView; open: Open }) {
  const test = useMutation({
    mutationFn: ({ id }: ReminderChannel) =>
      write<{ sent: true }>('POST', `/organisation/reminders/${encodeURIComponent(id)}/test`, {}),
  });
  return (
    <>
      <PlainTable label={words.table} heads={[...words.heads, words.acts]}>
        {view.reminders.channels.map((channel) => (
          <tr key={channel.id} className="border-b border-line align-top">
            <td className="px-3 py-2">
              {channel.name}
              <br />
              <span className="text-small text-soft">{words.kinds[channel.kind]}</span>
            </td>
            <td className="max-w-[36ch] px-3 py-2 break-words">{whereOf(channel)}</td>
            <td className="px-3 py-2">
              {channel.drills ? words.drills : words.real}
              {channel.paused ? `, ${words.paused}` : ''}
            </td>
            <td className="px-3 py-1">
              <Permitted action="obligation.change">
                <div className="flex flex-wrap gap-2">
                  <Button
                    slim
                    aria-label={words.testNamed(channel.name)}
                    disabled={test.isPending}
                    onClick={() => test.mutate(channel)}
                  >
                    {words.test}
                  </Button>
                  <Button
                    slim
                    aria-label={words.changeNamed(channel.name)}
                    onClick={() => open.set('channel-change', channel.id)}
                  >
                    {obligations.change}
                  </Button>
                  <Button
                    slim
                    aria-label={words.removeNamed(channel.name)}
                    onClick={() => open.set('channel-remove', channel.id)}
                  >
                    {words.remove}
                  </Button>
                </div>
              </Permitted>
            </td>
          </tr>
        ))}
      </PlainTable>
      {test.error ? <Trouble error={test.error} /> : null}
      {test.data !== undefined && test.variables !== undefined ? (
        <div role="status">
          <Note>{words.tested(test.variables.name)}</Note>
        </div>
      ) : null}
    </>
  );
}

function Times({
  view: { reminders },
  open,
  nameOf,
}: {
  view: RemindersView;
  open: Open;
  nameOf: (person: string) => string;
}) {
  const { leads, leadsOf, escalation } = reminders;
  const own = Object.keys(leadsOf).length;
  return (
    <>
      <Facts
        facts={[
          [words.times, `${words.timesAre(leads)}${own === 0 ? '' : `. ${words.timesOf(own)}`}`],
          [
            words.escalation,
            escalation === null
              ? words.escalatesNot
              : words.escalates(escalation.afterMinutes, nameOf(escalation.deputy)),
          ],
        ]}
      />
      <Permitted action="obligation.change">
        <div className="flex gap-2">
          <Button slim onClick={() => open.set('times')}>
            {`${obligations.change}: ${words.times}`}
          </Button>
          <Button slim onClick={() => open.set('escalation')}>
            {`${obligations.change}: ${words.escalation}`}
          </Button>
        </div>
      </Permitted>
    </>
  );
}

/** What did not arrive, with what went wrong. */
function Problems() {
  const list = useInfiniteQuery(queries.failedReminders());
  const rows = list.data?.pages.flatMap(({ items }) => items);
  if (list.error) return <Trouble error={list.error} onRetry={() => void list.refetch()} />;
  if (rows === undefined) return <Bones lines={1} />;
  if (rows.length === 0) return <p className="text-soft">{words.noProblems}</p>;
  return (
    <>
      <h3 className="font-strong">{words.problems}</h3>
      <PlainTable label={words.problems} heads={words.problemHeads} numeric={[words.when]}>
        {rows.map(({ id, incident, rule, channel, state, trouble, madeAt }) => (
          <tr key={id} className="border-b border-line align-top">
            <td className="px-3 py-2">{words.incident(incident.number, incident.drill)}</td>
            <td className="px-3 py-2 font-mono text-small">{rule}</td>
            <td className="px-3 py-2">{channel}</td>
            <td className="px-3 py-2">
              {words.states[state]}
              {trouble === null ? '' : `: ${trouble}`}
            </td>
            <td className="px-3 py-2 text-right">
              <Ago at={madeAt} />
            </td>
          </tr>
        ))}
      </PlainTable>
    </>
  );
}
