import { type UseQueryResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../api/client.ts';
import type { Page } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { intake as words } from '../messages/pages/verify-intake.ts';
import { MailboxSheet } from './mailbox-sheet.tsx';
import { messageQueries } from './queries.ts';
import { ReasonSheet } from './reason-sheet.tsx';
import type { Mailbox, MailboxTest } from './shapes.ts';

const cell = 'border-b border-line px-3 py-2 align-top';

/** Mailboxes that are read, and whether they can be. */
export function Mailboxes({ list }: { list: UseQueryResult<Page<Mailbox>> }) {
  const [isAdding, add] = useState(false);
  const [editing, edit] = useState<Mailbox | null>(null);
  const [removing, remove] = useState<Mailbox | null>(null);
  const [switching, setSwitching] = useState<Mailbox | null>(null);
  const heads = words.mailboxHeads;
  const rows = list.data?.items;
  return (
    <Section
      title={words.mailboxes}
      lead={words.mailboxesLead}
      acts={<Button onClick={() => add(true)}>{words.mailboxAdd}</Button>}
    >
      {list.error ? <Trouble error={list.error} onRetry={() => void list.refetch()} /> : null}
      {rows === undefined ? (
        list.error ? null : (
          <Bones lines={3} />
        )
      ) : rows.length === 0 ? (
        <Empty
          title={words.mailboxesEmpty}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.mailboxesExample}</p>}
        >
          {words.mailboxesTeach}
        </Empty>
      ) : (
        <PlainTable
          label={words.mailboxesTable}
          heads={[heads.mailbox, heads.folder, heads.state, heads.seen, heads.act]}
        >
          {rows.map((one) => (
            <Row
              key={one.id}
              mailbox={one}
              onEdit={() => edit(one)}
              onRemove={() => remove(one)}
              onSwitch={() => setSwitching(one)}
            />
          ))}
        </PlainTable>
      )}
      {isAdding ? <MailboxSheet onClose={() => add(false)} /> : null}
      {editing === null ? null : <MailboxSheet mailbox={editing} onClose={() => edit(null)} />}
      {switching === null ? null : (
        <ReasonSheet
          title={words.switchOf(switchTo(switching), switching.username)}
          act={switchTo(switching)}
          path={`/message-mailboxes/${encodeURIComponent(switching.id)}`}
          patch={{ isOn: !switching.isOn }}
          onClose={() => setSwitching(null)}
        >
          <p className="text-soft">{words.switchDo}</p>
        </ReasonSheet>
      )}
      {removing === null ? null : (
        <ReasonSheet
          title={words.removeOf(removing.username)}
          act={words.remove}
          path={`/message-mailboxes/${encodeURIComponent(removing.id)}`}
          onClose={() => remove(null)}
        >
          <p className="text-soft">{words.mailboxRemoveDo}</p>
        </ReasonSheet>
      )}
    </Section>
  );
}

const switchTo = ({ isOn }: Mailbox): string => (isOn ? words.switchOff : words.switchOn);

function Row({
  mailbox,
  onEdit,
  onRemove,
  onSwitch,
}: {
  mailbox: Mailbox;
  onEdit: () => void;
  onRemove: () => void;
  onSwitch: () => void;
}) {
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: () =>
      write<MailboxTest>('POST', `/message-mailboxes/${encodeURIComponent(mailbox.id)}/test`, { body: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: messageQueries.mailboxes().queryKey }),
  });
  return (
    <tr>
      <td className={cell}>
        {mailbox.username}
        <span className="block text-small text-soft">
          {mailbox.host}:{mailbox.port}
        </span>
      </td>
      <td className={cell}>
        {mailbox.folder}
        <span className="block text-small text-soft">
          {words.afters[mailbox.after]}
          {mailbox.moveTo === null ? '' : `: ${mailbox.moveTo}`}
        </span>
      </td>
      <td className={`${cell} min-w-[180px]`}>
        {words.states[mailbox.state] ?? mailbox.state}
        {mailbox.error === null ? null : <p className="text-alert">{mailbox.error}</p>}
        <p role="status" className={test.data?.ok === false ? 'text-alert' : ''}>
          {test.isPending ? words.testing : test.data?.text}
        </p>
        {test.error ? <Trouble error={test.error} /> : null}
      </td>
      <td className={cell}>
        <Ago at={mailbox.lastSeen} />
      </td>
      <td className={`${cell} whitespace-nowrap`}>
        <span className="flex gap-1">
          <Button
            slim
            disabled={test.isPending}
            aria-label={words.testOf(mailbox.username)}
            onClick={() => test.mutate()}
          >
            {words.test}
          </Button>
          <Button slim weight="quiet" aria-label={words.editOf(mailbox.username)} onClick={onEdit}>
            {words.edit}
          </Button>
          <Button
            slim
            weight="quiet"
            aria-label={words.switchOf(switchTo(mailbox), mailbox.username)}
            onClick={onSwitch}
          >
            {switchTo(mailbox)}
          </Button>
          <Button slim weight="quiet" aria-label={words.removeOf(mailbox.username)} onClick={onRemove}>
            {words.remove}
          </Button>
        </span>
      </td>
    </tr>
  );
}
