import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { UsageFetch, UsageFetching } from '../api/coverage-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { Exact } from '../design/time.tsx';
import { coverage } from '../messages/pages/coverage.ts';
import { useDraft } from '../shell/draft.ts';
import { Permitted } from '../shell/permitted.tsx';
import { useActs } from '../vendors/register/acts.ts';
import { SaySheet } from './say.tsx';

const words = coverage.fetching;
const cell = 'border-b border-line px-3 py-2 align-top';

/** Reports that are fetched from the vendor: when they last came, when next, and what went wrong. */
export function Fetching({ vendor }: { vendor: string }) {
  const found = useQuery(queries.usageFetching(vendor));
  const acts = useActs();
  if (found.error) return <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data === undefined) return null;
  const { api, items } = found.data;
  if (api === null && items.length === 0) return null;
  return (
    <div className="flex flex-col gap-3">
      <h3 className="font-strong">{words.title}</h3>
      {items.length === 0 ? (
        <p className="max-w-[72ch] text-soft">{words.none}</p>
      ) : (
        <PlainTable label={words.title} heads={Object.values(words.head)} numeric={[words.acts]}>
          {items.map((one) => (
            <Row key={one.id} one={one} onAct={(act) => acts.show(act, one.id)} />
          ))}
        </PlainTable>
      )}
      {api === null ? null : (
        <Permitted action="credential.enter">
          <Button slim className="self-start" onClick={() => acts.show('fetch')}>
            {items.length === 0 ? words.button : words.another}
          </Button>
        </Permitted>
      )}
    </div>
  );
}

type RowAct = 'fetch-now' | 'fetch-often' | 'fetch-erase';

function Row({ one, onAct }: { one: UsageFetch; onAct: (act: RowAct) => void }) {
  const name = one.account === '' ? words.only : one.account;
  return (
    <tr>
      <th scope="row" className={`${cell} text-left font-normal`}>
        {name}
        <span className="block text-small text-soft">{words.entered(one.enteredBy, one.upstream.host)}</span>
      </th>
      <td className={cell}>{words.every(one.everyHours)}</td>
      <td className={cell}>{one.fetchedAt === null ? words.never : <Exact at={one.fetchedAt} />}</td>
      <td className={cell}>
        {one.state === 'fetching' ? (
          words.atIt
        ) : one.nextAt === null ? (
          words.nothingPlanned
        ) : (
          <Exact at={one.nextAt} />
        )}
      </td>
      <td className={cell}>
        <Wrong one={one} />
      </td>
      <td className={`${cell} text-right whitespace-nowrap`}>
        <Permitted action="coverage.import">
          <Button slim aria-label={`${words.now}: ${name}`} onClick={() => onAct('fetch-now')}>
            {words.now}
          </Button>
        </Permitted>{' '}
        <Permitted action="coverage.change">
          <Button slim aria-label={`${words.change}: ${name}`} onClick={() => onAct('fetch-often')}>
            {words.change}
          </Button>
        </Permitted>{' '}
        <Permitted action="credential.enter">
          <Button slim aria-label={`${words.remove}: ${name}`} onClick={() => onAct('fetch-erase')}>
            {words.remove}
          </Button>
        </Permitted>
      </td>
    </tr>
  );
}

function Wrong({ one }: { one: UsageFetch }) {
  if (one.error === null) return words.fine;
  const wrong = one.reports.filter(({ error }) => error !== null);
  return (
    <>
      ▲ {one.error.text}
      {words.tries(one.failed)}
      {wrong.length === 0 ? null : (
        <ul className="text-small text-soft">
          {wrong.map(({ of, error }) => (
            <li key={of}>{words.report(of, error?.text ?? '')}</li>
          ))}
        </ul>
      )}
    </>
  );
}

/** The sheet of what is asked for in the address. */
export function FetchActSheet({ vendor }: { vendor: string }) {
  const { act, of, close } = useActs();
  const isMine = act === 'fetch' || act?.startsWith('fetch-') === true;
  const found = useQuery({ ...queries.usageFetching(vendor), enabled: isMine });
  if (!isMine || found.data === undefined) return null;
  const { api, items } = found.data;
  if (act === 'fetch') return api === null ? null : <EnterSheet vendor={vendor} api={api} onClose={close} />;
  const one = items.find(({ id }) => id === of);
  if (one === undefined) return null;
  const path = `/coverage-fetches/${encodeURIComponent(one.id)}`;
  const common = { draftName: `coverage.${act}.${one.id}`, onClose: close };
  if (act === 'fetch-now') {
    return (
      <SaySheet
        {...common}
        title={words.nowTitle}
        first=""
        choices={[]}
        label=""
        act={words.now}
        send={(_, reason) => write('POST', `${path}/run`, { reason, body: {} })}
      >
        <p className="text-soft">{words.nowLead}</p>
      </SaySheet>
    );
  }
  if (act === 'fetch-often') {
    return (
      <SaySheet
        {...common}
        title={words.changeTitle}
        first={String(one.everyHours)}
        choices={often(one.everyHours)}
        label={words.often}
        act={words.changeDo}
        send={(choice, reason) => write('PATCH', path, { reason, body: { everyHours: hoursOf(choice) } })}
      />
    );
  }
  return (
    <SaySheet
      {...common}
      title={words.removeTitle}
      first=""
      choices={[]}
      label=""
      act={words.removeDo}
      send={(_, reason) => write('DELETE', path, { reason, body: {} })}
    >
      <p className="text-soft">{words.removeLead}</p>
    </SaySheet>
  );
}

const hoursOf = (choice: string): number | null => (choice === 'null' ? null : Number(choice));

/** What may be chosen; what holds now is among it. */
function often(now: number | null): (readonly [string, string])[] {
  const all: (number | null)[] = [...new Set([now, ...words.choices])];
  return all.map((hours) => [String(hours), words.every(hours)] as const);
}

/** Takes the credential, which lives in this component alone. */
function EnterSheet({
  vendor,
  api,
  onClose,
}: {
  vendor: string;
  api: NonNullable<UsageFetching['api']>;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [value, setValue] = useState('');
  const [draft, edit, forget] = useDraft(`coverage.fetch.${vendor}`, {
    account: '',
    often: '24',
    reason: '',
  });
  const keep = useMutation({
    mutationFn: () =>
      write('PUT', `/coverage/${encodeURIComponent(vendor)}/fetching`, {
        reason: draft.reason.trim(),
        body: { value: value.trim(), account: draft.account.trim(), everyHours: hoursOf(draft.often) },
      }),
    onSuccess: async () => {
      setValue('');
      forget();
      await client.invalidateQueries();
      onClose();
    },
  });
  const wrong = (field: string) => (keep.error instanceof ApiError ? keep.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    keep.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.sheet(vendor)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p className="text-soft">{words.lead(api.host, api.of)}</p>
        <TextField
          label={words.value}
          hint={api.credential}
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          value={value}
          onChange={(event) => setValue(event.target.value)}
          error={wrong('value')}
        />
        <TextField
          label={words.account}
          hint={words.accountHint}
          maxLength={100}
          value={draft.account}
          onChange={(event) => edit({ account: event.target.value })}
          error={wrong('account')}
        />
        <SelectField
          label={words.often}
          value={draft.often}
          onChange={(event) => edit({ often: event.target.value })}
        >
          {often(24).map(([choice, text]) => (
            <option key={choice} value={choice}>
              {text}
            </option>
          ))}
        </SelectField>
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
        <FormActs error={keep.error} disabled={keep.isPending} onCancel={onClose}>
          {words.do}
        </FormActs>
      </form>
    </Sheet>
  );
}
