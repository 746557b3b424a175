import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { ApiError, write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import type { Breach } from '../api/notice-types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { SelectField, TextArea } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { count } from '../design/format.ts';
import { PageFrame } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { notices as words } from '../messages/pages/notices.ts';
import { useDraft } from '../shell/draft.ts';
import { noticeQueries } from './queries.ts';

/** Every breach, notified or not, with the reason. */
export function BreachRegisterPage() {
  const list = useQuery(noticeQueries.breaches());
  const { of } = useSearch({ from: '/signed-in/breach-register' });
  const navigate = useNavigate({ from: '/breach-register' });
  const show = (id: string | undefined): void =>
    void navigate({ search: (previous) => ({ ...previous, of: id }), replace: true, resetScroll: false });
  const rows = list.data;
  if (rows === undefined) {
    return (
      <PageFrame tab={words.breachTab} title={words.breachTab}>
        {list.error ? (
          <Trouble error={list.error} onRetry={() => void list.refetch()} />
        ) : (
          <Bones lines={6} />
        )}
      </PageFrame>
    );
  }
  const open = rows.filter(({ authority }) => authority === 'undecided').length;
  const chosen = rows.find(({ incident }) => incident.id === of);
  return (
    <PageFrame
      tab={words.breachTab}
      title={words.breachTitle(rows.length, open)}
      lead={words.breachLead}
      acts={
        <a className="number-link" href="/api/v1/breach-register.csv" download>
          {words.csv}
        </a>
      }
    >
      {rows.length === 0 ? (
        <Empty title={words.breachTitle(0, 0)} example={<p>{words.breachExample}</p>}>
          {words.breachTeach}
        </Empty>
      ) : (
        <Rows rows={rows} onOpen={show} />
      )}
      {chosen === undefined ? null : (
        <Entry
          key={`${chosen.incident.id} ${chosen.version}`}
          breach={chosen}
          onClose={() => show(undefined)}
        />
      )}
    </PageFrame>
  );
}

function Rows({ rows, onOpen }: { rows: readonly Breach[]; onOpen: (id: string) => void }) {
  const may = useMay('incident.work');
  const { breachHeads: heads } = words;
  return (
    <PlainTable
      label={words.breachTable}
      heads={[
        heads.incident,
        heads.authority,
        heads.persons,
        heads.notices,
        heads.changed,
        ...(may ? [words.enter] : []),
      ]}
    >
      {rows.map((row) => (
        <tr key={row.incident.id} className="align-top">
          <td className="h-9 border-b border-line px-3 py-2">
            <TextLink to="/incidents/$incident/notices" params={{ incident: row.incident.id }}>
              {row.incident.number}. {row.incident.title}
            </TextLink>
          </td>
          <td className="h-9 border-b border-line px-3 py-2">
            {words.authority[row.authority]}
            {row.authorityWhy === '' ? null : (
              <p className="max-w-[40ch] text-small text-soft">{row.authorityWhy}</p>
            )}
          </td>
          <td className="h-9 border-b border-line px-3 py-2">
            {words.persons[row.persons]}
            {row.personsWhy === '' ? null : (
              <p className="max-w-[40ch] text-small text-soft">{row.personsWhy}</p>
            )}
          </td>
          <td className="h-9 border-b border-line px-3 py-2">{count(row.notices)}</td>
          <td className="h-9 border-b border-line px-3 py-2">
            {row.changedAt === null ? m.common.never : <Ago at={row.changedAt} />}
          </td>
          {may ? (
            <td className="h-9 border-b border-line px-3 py-2">
              <Button
                slim
                aria-label={words.enterOf(row.incident.number)}
                onClick={() => onOpen(row.incident.id)}
              >
                {words.enter}
              </Button>
            </td>
          ) : null}
        </tr>
      ))}
    </PlainTable>
  );
}

function Entry({ breach, onClose }: { breach: Breach; onClose: () => void }) {
  const client = useQueryClient();
  const { facts, effects, remedial, authority, authorityWhy, persons, personsWhy, version } = breach;
  const initial = { facts, effects, remedial, authority, authorityWhy, persons, personsWhy, reason: '' };
  const [draft, change, forget] = useDraft(`breach.${breach.incident.id}.${version}`, initial);
  const keep = useMutation({
    mutationFn: () => {
      const { reason, ...entry } = draft;
      return write<Breach>('PUT', `/incidents/${breach.incident.id}/breach`, {
        body: { ...entry, basedOn: version },
        reason: reason.trim(),
      });
    },
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
  const wrong = (field: string) => (keep.error instanceof ApiError ? keep.error.field(field) : undefined);
  const text = (
    name: 'facts' | 'effects' | 'remedial' | 'authorityWhy' | 'personsWhy',
    label: string,
    hint?: string,
  ) => (
    <TextArea
      label={label}
      hint={hint}
      rows={3}
      maxLength={name.endsWith('Why') ? 2000 : 4000}
      value={draft[name]}
      onChange={(event) => change({ [name]: event.target.value })}
      error={wrong(name)}
    />
  );
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    keep.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.entryTitle(breach.incident.number)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {text('facts', words.facts33)}
        {text('effects', words.effects)}
        {text('remedial', words.remedial)}
        <SelectField
          label={words.authorityAsk}
          value={draft.authority}
          onChange={(event) => change({ authority: event.target.value as Breach['authority'] })}
        >
          {Object.entries(words.authority).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </SelectField>
        {text('authorityWhy', `${words.why}: ${words.breachHeads.authority.toLowerCase()}`, words.whyHint)}
        <SelectField
          label={words.personsAsk}
          value={draft.persons}
          onChange={(event) => change({ persons: event.target.value as Breach['persons'] })}
        >
          {Object.entries(words.persons).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </SelectField>
        {text('personsWhy', `${words.why}: ${words.breachHeads.persons.toLowerCase()}`, words.whyHint)}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} error={wrong('reason')} />
        <FormActs error={keep.error} disabled={keep.isPending} onCancel={onClose}>
          {words.keepEntry}
        </FormActs>
      </form>
    </Sheet>
  );
}
