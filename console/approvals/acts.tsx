import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { read, write } from '../api/client.ts';
import type { Approval } from '../api/trust-types.ts';
import type { Connection } from '../api/types.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { Change } from './change.tsx';
import { askedOf, sentenceOf } from './what.ts';

const acts = ['approve', 'refuse', 'withdraw', 'again'] as const;
export type ApprovalAct = (typeof acts)[number];

/** The sheet of the act that the address names, where whoever is signed in can do it to what waits there. */
export function ApprovalSheet({
  act: named,
  approval,
  isMine,
  mayDecide,
  onClose,
}: {
  act: string | undefined;
  approval: Approval;
  isMine: boolean;
  mayDecide: boolean;
  onClose: () => void;
}) {
  const act = acts.find((one) => one === named);
  const { state } = approval;
  const can: Record<ApprovalAct, boolean> = {
    approve: !isMine && mayDecide && state === 'asked',
    refuse: !isMine && mayDecide && state === 'asked',
    withdraw: isMine && (state === 'asked' || state === 'approved'),
    again: isMine && state === 'approved',
  };
  return act === undefined || !can[act] ? null : (
    <Act key={act} act={act} approval={approval} onClose={onClose} />
  );
}

function Act({ act, approval, onClose }: { act: ApprovalAct; approval: Approval; onClose: () => void }) {
  const words = m.approvals.sheets[act];
  const client = useQueryClient();
  const [draft, change, forget] = useDraft(`approval.${approval.id}.${act}`, {
    reason: act === 'again' ? approval.reason : '',
  });
  const send = useMutation({
    mutationFn: () =>
      act === 'again' ? doIt(approval, draft.reason.trim()) : say(approval, act, draft.reason.trim()),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    send.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.title(sentenceOf(approval))}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {act === 'withdraw' ? null : <Change approval={approval} stacked />}
        <p>{words.lead(approval.askedBy.name)}</p>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs
          error={send.error}
          weight={act === 'refuse' ? 'danger' : 'main'}
          disabled={send.isPending}
          onCancel={onClose}
        >
          {words.act}
        </FormActs>
      </form>
    </Sheet>
  );
}

function say(approval: Approval, act: Exclude<ApprovalAct, 'again'>, reason: string): Promise<unknown> {
  return write<Approval>('POST', `/approvals/${encodeURIComponent(approval.id)}/${act}`, {
    body: {},
    reason,
  });
}

/** Whether all that was approved can be sent from here: no credential is asked for, and no link has to be shown. */
export function canBeDoneHere(approval: Approval): boolean {
  const asked = askedOf(approval);
  return (
    ['move', 'setting', 'issuer'].includes(asked.kind) || (asked.kind === 'person' && asked.act === 'change')
  );
}

/** Sends what was approved, and nothing beside it: an approval is good for just that. */
async function doIt(approval: Approval, reason: string): Promise<unknown> {
  const asked = askedOf(approval);
  const subject = encodeURIComponent(approval.subject.id);
  if (asked.kind === 'setting')
    return write<unknown>('PATCH', '/settings', { body: { secondPerson: asked.to }, reason });
  if (asked.kind === 'issuer') {
    if (asked.from === null) return write<unknown>('POST', '/issuers', { body: asked.to, reason });
    const { issuer: _stays, ...believed } = asked.to;
    return write<unknown>('PATCH', `/issuers/${subject}`, { body: believed, reason });
  }
  if (asked.kind === 'person') {
    const { roles, accessEnds } = asked;
    return write<unknown>('PATCH', `/people/${subject}`, { body: { roles, accessEnds }, reason });
  }
  if (asked.kind !== 'move') throw new Error(`there is no way to do ${approval.act} from here`);
  const path = `/connections/${subject}`;
  const { etag } = await read<Connection>(path);
  return write<Connection>('PATCH', path, { body: { upstream: asked.move.to }, reason, ifMatch: etag });
}
