import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { write } from '../api/client.ts';
import type { Issuer } from '../api/trust-types.ts';
import { Button } from '../design/button.tsx';
import { FormActs } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { useIssuerCheck } from './check.ts';
import { draftOfIssuer, emptyIssuer, type IssuerDraft, lackOf, settableOf } from './draft.ts';
import { IssuerFields } from './fields.tsx';
import { Redirect } from './one.tsx';

const words = m.issuers.form;

/** Asks what is to be believed of a new issuer, then shows the address that has to be entered there. */
export function AddIssuer({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const [draft, change, forget] = useDraft('issuer', emptyIssuer);
  const add = useMutation({
    mutationFn: () =>
      write<Issuer>('POST', '/issuers', {
        body: { ...settableOf(draft), issuer: draft.issuer.trim() },
        reason: draft.reason.trim(),
        idempotencyKey: attempt.key(),
      }),
    onError: attempt.answered,
    onSuccess: () => {
      attempt.answered();
      forget();
      return client.invalidateQueries();
    },
  });
  if (add.data !== undefined) {
    return (
      <Sheet open onClose={onClose} title={words.addedTitle(add.data.name)}>
        <p>{words.addedLead}</p>
        <Redirect issuer={add.data} />
        <div>
          <Button weight="main" onClick={onClose}>
            {words.done}
          </Button>
        </div>
      </Sheet>
    );
  }
  return (
    <Sheet open onClose={onClose} title={words.addTitle}>
      <p>{words.register}</p>
      <IssuerForm isNew draft={draft} onChange={change} send={add} acr={[]} onClose={onClose}>
        {words.add}
      </IssuerForm>
    </Sheet>
  );
}

export function ChangeIssuer({ issuer, onClose }: { issuer: Issuer; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft(`issuer.${issuer.id}`, draftOfIssuer(issuer));
  const offered = useIssuerCheck(issuer.id).data?.acr ?? [];
  const save = useMutation({
    mutationFn: () =>
      write<Issuer>('PATCH', `/issuers/${encodeURIComponent(issuer.id)}`, {
        body: settableOf(draft),
        reason: draft.reason.trim(),
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
  return (
    <Sheet open onClose={onClose} title={words.changeTitle(issuer.name)}>
      <IssuerForm draft={draft} onChange={change} send={save} acr={offered} onClose={onClose}>
        {words.save}
      </IssuerForm>
    </Sheet>
  );
}

function IssuerForm({
  draft,
  isNew = false,
  onChange,
  send,
  acr,
  onClose,
  children,
}: {
  draft: IssuerDraft;
  isNew?: boolean;
  onChange: (patch: Partial<IssuerDraft>) => void;
  send: { mutate: () => void; isPending: boolean; error: Error | null | undefined };
  /** What the issuer says that it can prove. */
  acr: readonly string[];
  onClose: () => void;
  children: string;
}) {
  const [tried, setTried] = useState(false);
  const lack = lackOf(draft);

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (lack === null) send.mutate();
  }

  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <IssuerFields
        draft={draft}
        isNew={isNew}
        onChange={onChange}
        acr={acr}
        lack={tried ? lack : null}
        error={send.error}
      />
      <FormActs error={send.error} disabled={send.isPending} onCancel={onClose}>
        {children}
      </FormActs>
    </form>
  );
}
