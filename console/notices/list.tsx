import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { Notice, NoticeRow, NoticeTemplate } from '../api/notice-types.ts';
import { Button, ButtonLink, TextLink } from '../design/button.tsx';
import { SelectField, TextArea, TextField } from '../design/field.tsx';
import { FormActs } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Empty, Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { notices as words } from '../messages/pages/notices.ts';
import { useDraft } from '../shell/draft.ts';
import { Permitted } from '../shell/permitted.tsx';
import { DrillRecipients } from './drill.tsx';
import { noticeQueries } from './queries.ts';

/** What is written of an incident to whom, in the incident's own page. */
export function NoticesOfIncident({ incident }: { incident: string }) {
  const drill = useQuery(noticeQueries.incident(incident)).data?.drill === true;
  const list = useQuery(noticeQueries.list(incident));
  const sheet = useQuery(noticeQueries.sheet(incident));
  const [isBeginning, begin] = useState(false);
  const [error, rows] = [list.error ?? sheet.error, list.data?.items];
  return (
    <Section
      title={words.section}
      lead={words.lead}
      acts={
        <>
          <ButtonLink to="/incidents/$incident/facts" params={{ incident }}>
            {words.facts}
          </ButtonLink>
          <Permitted action="incident.work">
            <Button weight="main" disabled={(sheet.data?.version ?? 0) === 0} onClick={() => begin(true)}>
              {words.begin}
            </Button>
          </Permitted>
        </>
      }
    >
      {error ? (
        <Trouble error={error} onRetry={() => void Promise.all([list.refetch(), sheet.refetch()])} />
      ) : null}
      {rows === undefined && !error ? <Bones lines={3} /> : null}
      {sheet.data === undefined ? null : (
        <p className="text-soft">{words.sheetAt(sheet.data.version, sheet.data.madeBy)}</p>
      )}
      {rows === undefined ? null : rows.length === 0 ? (
        <Empty title={words.none} example={<p>{words.example}</p>}>
          {words.teach}
        </Empty>
      ) : (
        <Rows incident={incident} rows={rows} />
      )}
      {drill ? <DrillRecipients incident={incident} /> : null}
      <p className="flex flex-wrap gap-x-6">
        <a className="number-link" href={`/api/v1/incidents/${incident}/file.pdf`} download>
          {words.file}
        </a>
        <TextLink to="/breach-register">{words.register}</TextLink>
      </p>
      {isBeginning ? <Begin incident={incident} earlier={rows ?? []} onClose={() => begin(false)} /> : null}
    </Section>
  );
}

const allOf = (row: NoticeRow): number => Object.values(row.recipients).reduce((sum, one) => sum + one, 0);

function Rows({ incident, rows }: { incident: string; rows: readonly NoticeRow[] }) {
  const { heads } = words;
  return (
    <PlainTable
      label={words.table}
      heads={[heads.notice, heads.language, heads.state, heads.recipients, heads.edited]}
    >
      {rows.map((row) => (
        <tr key={row.id}>
          <td className="h-9 border-b border-line px-3 py-2">
            <Link
              to="/incidents/$incident/notices/$notice"
              params={{ incident, notice: row.id }}
              className="number-link"
            >
              {row.number}. {row.name}
              {row.reader === null ? '' : `: ${row.reader}`}
            </Link>
          </td>
          <td className="h-9 border-b border-line px-3 py-2">{words.languages[row.language]}</td>
          <td className="h-9 border-b border-line px-3 py-2">{words.states[row.state]}</td>
          <td className="h-9 border-b border-line px-3 py-2">{words.recipientsOf(allOf(row))}</td>
          <td className="h-9 border-b border-line px-3 py-2">
            {row.edited.by}, <Ago at={row.edited.at} />
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

const isSent = ({ state }: NoticeRow): boolean =>
  state === 'sent' || state === 'exported' || state === 'sending';

function Begin({
  incident,
  earlier,
  onClose,
}: {
  incident: string;
  earlier: readonly NoticeRow[];
  onClose: () => void;
}) {
  const templates = useQuery(noticeQueries.templates());
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, change, forget] = useDraft(`notice.begin.${incident}`, {
    template: 'persons',
    language: 'en',
    reader: '',
    scope: '',
    follows: '',
  });
  const chosen = templates.data?.items.find(({ id }) => id === draft.template);
  const make = useMutation({
    mutationFn: () =>
      write<Notice>('POST', `/incidents/${incident}/notices`, { body: bodyOf(draft, chosen) }),
    onSuccess: async (notice) => {
      forget();
      onClose();
      await client.invalidateQueries();
      await navigate({ to: '/incidents/$incident/notices/$notice', params: { incident, notice: notice.id } });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  const wrong = (field: string) => (make.error instanceof ApiError ? make.error.field(field) : undefined);
  const before = earlier.filter((row) => row.template === draft.template && isSent(row));
  return (
    <Sheet open onClose={onClose} title={words.beginTitle}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {templates.error ? <Trouble error={templates.error} /> : null}
        <SelectField
          label={words.kind}
          hint={chosen?.basis ?? undefined}
          value={draft.template}
          onChange={(event) => change({ template: event.target.value, follows: '' })}
        >
          {(templates.data?.items ?? []).map((one) => (
            <option key={one.id} value={one.id}>
              {one.names.en ?? one.id}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={words.language}
          value={draft.language}
          onChange={(event) => change({ language: event.target.value })}
        >
          {Object.entries(words.languages).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        {chosen?.ownScope === true ? (
          <>
            <TextField
              label={words.reader}
              required
              maxLength={200}
              value={draft.reader}
              onChange={(event) => change({ reader: event.target.value })}
              error={wrong('reader')}
            />
            <TextArea
              label={words.scope}
              hint={words.scopeHint}
              required
              rows={4}
              value={draft.scope}
              onChange={(event) => change({ scope: event.target.value })}
            />
          </>
        ) : null}
        {before.length === 0 ? null : (
          <SelectField
            label={words.follows}
            value={draft.follows}
            onChange={(event) => change({ follows: event.target.value })}
          >
            <option value="">{words.followsNone}</option>
            {before.map(({ id, number }) => (
              <option key={id} value={id}>
                {words.followsThis(number)}
              </option>
            ))}
          </SelectField>
        )}
        {chosen?.for === 'people' ? <Note>{words.reviewLead}</Note> : null}
        <FormActs error={make.error} disabled={make.isPending || chosen === undefined} onCancel={onClose}>
          {words.beginAct}
        </FormActs>
      </form>
    </Sheet>
  );
}

function bodyOf(
  draft: { template: string; language: string; reader: string; scope: string; follows: string },
  chosen: NoticeTemplate | undefined,
): object {
  return {
    template: draft.template,
    language: draft.language,
    ...(chosen?.ownScope === true ? { reader: { name: draft.reader, scope: draft.scope } } : {}),
    ...(draft.follows === '' ? {} : { follows: draft.follows }),
  };
}
