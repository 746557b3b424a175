import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import {
  type Fact,
  type FactGrade,
  type FactName,
  type FactSheet,
  type FactSheetFacts,
  factNames,
  type NotAffected,
  type NoticeLanguage,
  type Said,
} from '../api/notice-types.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { SelectField, TextArea, TextField } from '../design/field.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Exact } from '../design/time.tsx';
import { notices as words } from '../messages/pages/notices.ts';
import { useDraft } from '../shell/draft.ts';
import { noticeQueries } from './queries.ts';

const languages = Object.keys(words.languages) as NoticeLanguage[];

/** The facts that all notices of an incident are made of. */
export function FactSheetPage() {
  const { incident } = useParams({ from: '/signed-in/incidents/$incident/facts' });
  const sheet = useQuery(noticeQueries.sheet(incident));
  if (sheet.data === undefined) {
    return (
      <PageFrame tab={words.sheetTab} title={words.sheetTab}>
        {sheet.error ? (
          <Trouble error={sheet.error} onRetry={() => void sheet.refetch()} />
        ) : (
          <Bones lines={8} />
        )}
      </PageFrame>
    );
  }
  return (
    <PageFrame
      tab={words.sheetTab}
      title={words.sheetTitle(sheet.data.version)}
      lead={words.sheetLead}
      acts={
        <ButtonLink to="/incidents/$incident/notices" params={{ incident }}>
          {words.back}
        </ButtonLink>
      }
    >
      <Editor key={sheet.data.version} incident={incident} kept={sheet.data} />
      <Versions incident={incident} />
    </PageFrame>
  );
}

function Editor({ incident, kept }: { incident: string; kept: FactSheet }) {
  const client = useQueryClient();
  const may = useMay('incident.work');
  // Bound to its version: what was typed on an older one is not put over a newer one unseen.
  const [draft, change, forget] = useDraft<FactSheetFacts>(`facts.${incident}.${kept.version}`, kept.sheet);
  const keep = useMutation({
    mutationFn: () =>
      write<FactSheet>('PUT', `/incidents/${incident}/fact-sheet`, {
        body: { sheet: draft, basedOn: kept.version },
      }),
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
    },
  });
  const wrong = (field: string) => (keep.error instanceof ApiError ? keep.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    keep.mutate();
  };
  const setFact = (name: FactName, patch: Partial<Fact>): void =>
    change({ facts: { ...draft.facts, [name]: { ...draft.facts[name], ...patch } } });
  const setAbsent = (at: number, patch: Partial<NotAffected>): void =>
    change({
      notAffected: draft.notAffected.map((one, place) => (place === at ? { ...one, ...patch } : one)),
    });
  const setUnknown = (at: number, said: Said): void =>
    change({ unknowns: draft.unknowns.map((one, place) => (place === at ? said : one)) });
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-8">
      <fieldset disabled={!may} className="flex flex-col gap-8">
        <legend className="sr-only">{words.facts}</legend>
        {factNames.map((name) => (
          <Section key={name} title={words.factNames[name]}>
            <Texts
              label={words.factNames[name]}
              said={draft.facts[name].text}
              onChange={(text) => setFact(name, { text })}
              error={wrong(`sheet.facts.${name}.text`)}
            />
            <div className="grid max-w-[980px] gap-4 sm:grid-cols-2">
              <SelectField
                label={words.grade}
                value={draft.facts[name].grade}
                onChange={(event) => setFact(name, { grade: event.target.value as FactGrade })}
              >
                {Object.entries(words.grades).map(([grade, text]) => (
                  <option key={grade} value={grade}>
                    {text}
                  </option>
                ))}
              </SelectField>
              <TextField
                label={words.source}
                maxLength={500}
                value={draft.facts[name].source}
                onChange={(event) => setFact(name, { source: event.target.value })}
                error={wrong(`facts.${name}.source`)}
              />
            </div>
          </Section>
        ))}
        <Section
          title={words.absent}
          lead={words.absentLead}
          acts={
            <Button
              slim
              onClick={() =>
                change({
                  notAffected: [
                    ...draft.notAffected,
                    { label: { en: '', de: '' }, basis: 'declared', source: '', class: null },
                  ],
                })
              }
            >
              {words.addAbsent}
            </Button>
          }
        >
          {draft.notAffected.map((one, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries have no name of their own, and stand where they stand
            <div key={at} className="flex flex-col gap-3 border-t border-line pt-3">
              <Texts
                label={words.absent}
                said={one.label}
                onChange={(label) => setAbsent(at, { label })}
                short
              />
              <div className="grid max-w-[980px] items-end gap-4 sm:grid-cols-[1fr_1fr_auto]">
                <SelectField
                  label={words.basis}
                  value={one.basis}
                  onChange={(event) => setAbsent(at, { basis: event.target.value as NotAffected['basis'] })}
                  error={wrong(`notAffected.${at}.basis`)}
                >
                  {Object.entries(words.bases).map(([basis, text]) => (
                    <option key={basis} value={basis} disabled={basis === 'proven' && one.basis !== 'proven'}>
                      {text}
                    </option>
                  ))}
                </SelectField>
                <TextField
                  label={words.source}
                  maxLength={500}
                  value={one.source}
                  onChange={(event) => setAbsent(at, { source: event.target.value })}
                  error={wrong(`notAffected.${at}.source`)}
                />
                <Button
                  slim
                  onClick={() =>
                    change({ notAffected: draft.notAffected.filter((_, place) => place !== at) })
                  }
                >
                  {words.remove}
                </Button>
              </div>
            </div>
          ))}
        </Section>
        <Section
          title={words.unknowns}
          lead={words.unknownsLead}
          acts={
            <Button slim onClick={() => change({ unknowns: [...draft.unknowns, { en: '', de: '' }] })}>
              {words.addUnknown}
            </Button>
          }
        >
          {draft.unknowns.map((one, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries have no name of their own, and stand where they stand
            <div key={at} className="flex flex-col gap-3 border-t border-line pt-3">
              <Texts label={words.unknowns} said={one} onChange={(said) => setUnknown(at, said)} short />
              <div>
                <Button
                  slim
                  onClick={() => change({ unknowns: draft.unknowns.filter((_, place) => place !== at) })}
                >
                  {words.remove}
                </Button>
              </div>
            </div>
          ))}
        </Section>
      </fieldset>
      {keep.error ? <Trouble error={keep.error} /> : null}
      {keep.isSuccess ? <Note>{words.kept(keep.data.version)}</Note> : null}
      {may ? (
        <div>
          <Button type="submit" weight="main" disabled={keep.isPending}>
            {words.keep}
          </Button>
        </div>
      ) : null}
    </form>
  );
}

function Texts({
  label,
  said,
  onChange,
  error,
  short = false,
}: {
  label: string;
  said: Said;
  onChange: (said: Said) => void;
  error?: string | undefined;
  short?: boolean;
}) {
  const [id] = useState(label);
  return (
    <div className="grid max-w-[980px] gap-4 sm:grid-cols-2">
      {languages.map((language) => (
        <TextArea
          key={language}
          label={words.text(words.languages[language])}
          aria-label={`${id}, ${words.text(words.languages[language])}`}
          lang={language}
          rows={short ? 2 : 3}
          maxLength={4000}
          value={said[language]}
          onChange={(event) => onChange({ ...said, [language]: event.target.value })}
          error={error}
        />
      ))}
    </div>
  );
}

function Versions({ incident }: { incident: string }) {
  const versions = useQuery(noticeQueries.versions(incident));
  const items = versions.data?.items ?? [];
  if (items.length === 0) return null;
  const nameOf = (name: string): string =>
    name === 'notAffected'
      ? words.absent
      : name === 'unknowns'
        ? words.unknowns
        : (words.factNames[name as FactName] ?? name);
  return (
    <Section title={words.versions}>
      <ul className="flex flex-col gap-1">
        {items.map(({ version, madeAt, madeBy, changed }) => (
          <li key={version}>
            {words.versionLine(version, madeBy)}
            {changed.length === 0 ? words.first : changed.map(nameOf).join(', ')} (<Exact at={madeAt} />)
          </li>
        ))}
      </ul>
    </Section>
  );
}
