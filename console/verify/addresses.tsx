import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import { Button, TextButton } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { desk } from '../messages/pages/verify-desk.ts';
import { messageQueries } from './queries.ts';
import { ReasonSheet } from './reason-sheet.tsx';
import type { VendorAddress } from './shapes.ts';
import { useVendorId, VendorField } from './vendor-field.tsx';

const words = desk.senders;
const cell = 'border-b border-line px-3 py-2';

/** At which address we are registered at which vendor. */
export function VendorAddresses() {
  const list = useInfiniteQuery(messageQueries.addresses());
  const rows = list.data?.pages.flatMap(({ items }) => items);
  const mayDecide = useMay('message.decide');
  const [isAdding, add] = useState(false);
  const [removing, remove] = useState<VendorAddress | null>(null);
  const heads = words.addressHeads;
  return (
    <Section
      title={words.addresses}
      lead={words.addressesLead}
      acts={mayDecide ? <Button onClick={() => add(true)}>{words.addressAdd}</Button> : null}
    >
      {list.error ? <Trouble error={list.error} onRetry={() => void list.refetch()} /> : null}
      {rows === undefined ? (
        list.error ? null : (
          <Bones lines={3} />
        )
      ) : rows.length === 0 ? (
        <Empty
          title={words.addressesEmpty}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.addressesExample}</p>}
        >
          {words.addressesTeach}
        </Empty>
      ) : (
        <PlainTable
          label={words.addressesTable}
          heads={[heads.vendor, heads.address, heads.by, ...(mayDecide ? [heads.act] : [])]}
        >
          {rows.map((one) => (
            <tr key={one.id}>
              <td className={cell}>{one.vendor.name}</td>
              <td className={`${cell} font-mono text-small break-all`}>{one.address}</td>
              <td className={cell}>
                {one.by},
                <Ago at={one.at} />
              </td>
              {mayDecide ? (
                <td className={cell}>
                  <Button slim aria-label={words.removeOf(one.address)} onClick={() => remove(one)}>
                    {words.remove}
                  </Button>
                </td>
              ) : null}
            </tr>
          ))}
        </PlainTable>
      )}
      {list.hasNextPage ? (
        <TextButton disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {words.more}
        </TextButton>
      ) : null}
      {isAdding ? <AddressSheet onClose={() => add(false)} /> : null}
      {removing === null ? null : (
        <ReasonSheet
          title={words.removeOf(removing.address)}
          act={words.remove}
          path={`/vendor-addresses/${encodeURIComponent(removing.id)}`}
          onClose={() => remove(null)}
        />
      )}
    </Section>
  );
}

function AddressSheet({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  // In this page's memory alone: who knows the address could write to it.
  const [draft, setDraft] = useState({ vendor: '', address: '', reason: '' });
  const change = (patch: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...patch }));
  const vendor = useVendorId(draft.vendor);
  const save = useMutation({
    mutationFn: () =>
      write('POST', '/vendor-addresses', {
        body: { vendor, address: draft.address.trim() },
        reason: draft.reason.trim(),
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const wrong = (field: string) => (save.error instanceof ApiError ? save.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.addressAdd}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <VendorField
          value={draft.vendor}
          onChange={(value) => change({ vendor: value })}
          error={wrong('vendor')}
        />
        <TextField
          label={words.address}
          type="email"
          required
          maxLength={254}
          autoComplete="off"
          value={draft.address}
          onChange={(event) => change({ address: event.target.value })}
          error={wrong('address')}
        />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.addressAdd}
        </FormActs>
      </form>
    </Sheet>
  );
}
