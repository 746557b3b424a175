import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { ApiError, write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { RegisterRules, RegisterTier } from '../api/register-types.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { PageFrame } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Exact } from '../design/time.tsx';
import { register } from '../messages/pages/register.ts';
import { tiers as words } from '../messages/pages/tiers.ts';
import { useDraft } from '../shell/draft.ts';
import { TierFields } from './tier-fields.tsx';

const cell = 'border-b border-line px-3 py-2 align-top';
const kinds = register.agreementKinds;

/** What each tier asks for, and which connections need a request. */
export function TiersPage() {
  const { act } = useSearch({ from: '/signed-in/vendors/tiers' });
  const navigate = useNavigate({ from: '/vendors/tiers' });
  const mayDecide = useMay('register.decide');
  const rules = useQuery(queries.registerRules());
  const set = (next: string | undefined): void =>
    void navigate({ search: (previous) => ({ ...previous, act: next }), replace: true, resetScroll: false });
  return (
    <PageFrame
      tab={words.tab}
      title={words.title}
      lead={words.lead}
      acts={
        <>
          <ButtonLink to="/vendors">{words.back}</ButtonLink>
          {mayDecide && rules.data !== undefined ? (
            <Button weight="main" onClick={() => set('edit')}>
              {words.edit}
            </Button>
          ) : null}
        </>
      }
    >
      {rules.error ? <Trouble error={rules.error} onRetry={() => void rules.refetch()} /> : null}
      {rules.data === undefined ? rules.error ? null : <Bones lines={6} /> : <Shown rules={rules.data} />}
      {act === 'edit' && rules.data !== undefined && mayDecide ? (
        <EditSheet rules={rules.data} onClose={() => set(undefined)} />
      ) : null}
    </PageFrame>
  );
}

function Shown({ rules: { tiers, usualTier, requestsSince } }: { rules: RegisterRules }) {
  return (
    <>
      <PlainTable label={words.table} heads={[words.of, words.asksFor, words.review, words.expiry]}>
        {tiers.map((tier) => (
          <tr key={tier.id}>
            <td className={`${cell} font-strong`}>
              {tier.name} <span className="font-mono text-small font-normal text-soft">{tier.id}</span>
            </td>
            <td className={cell}>{asksFor(tier).join(', ') || words.nothing}</td>
            <td className={cell}>
              {tier.reviewEveryDays === null ? words.never : words.everyDays(tier.reviewEveryDays)}
            </td>
            <td className={cell}>{asksFor(tier).length === 0 ? '' : words.atExpiryNames[tier.atExpiry]}</td>
          </tr>
        ))}
      </PlainTable>
      <p>
        {words.usualIs(tiers.find(({ id }) => id === usualTier)?.name ?? usualTier)}{' '}
        {requestsSince === null ? words.sinceNone : <Since at={requestsSince} />}
      </p>
    </>
  );
}

function Since({ at }: { at: string }) {
  const [before, behind] = words.sinceIs('|').split('|');
  return (
    <>
      {before}
      <Exact at={at} />
      {behind}
    </>
  );
}

const asksFor = ({ agreements, reviewed, residency }: RegisterTier): string[] => [
  ...agreements.map((kind) => kinds[kind]),
  ...(reviewed ? [words.reviewed] : []),
  ...(residency ? [words.residency] : []),
];

function EditSheet({ rules, onClose }: { rules: RegisterRules; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft('register.rules', { ...rules, reason: '' });
  const save = useMutation({
    mutationFn: () => {
      const { reason, ...given } = draft;
      return write<RegisterRules>('PUT', '/register/rules', {
        body: { rules: given },
        reason: reason.trim(),
      });
    },
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
  const wrong = (field: string) =>
    save.error instanceof ApiError ? save.error.field(`rules.${field}`) : undefined;
  const setTier = (place: number, patch: Partial<RegisterTier>): void =>
    change({ tiers: draft.tiers.map((tier, at) => (at === place ? { ...tier, ...patch } : tier)) });
  // A second one of the same id is the one that is being written.
  const isNew = ({ id }: RegisterTier, place: number): boolean =>
    !rules.tiers.some((one) => one.id === id) || draft.tiers.findIndex((one) => one.id === id) !== place;
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }
  return (
    <Sheet open onClose={onClose} title={words.edit}>
      <form onSubmit={onSubmit} className="flex flex-col gap-6">
        <Note>{words.warning}</Note>
        {draft.tiers.map((tier, place) => (
          <TierFields
            // A tier has no other mark of its own while its id is being written.
            // biome-ignore lint/suspicious/noArrayIndexKey: tiers are never sorted
            key={place}
            tier={tier}
            isNew={isNew(tier, place)}
            wrong={(field) => wrong(`tiers.${place}.${field}`)}
            onChange={(patch) => setTier(place, patch)}
            onRemove={() => change({ tiers: draft.tiers.filter((_, at) => at !== place) })}
          />
        ))}
        <div>
          <Button slim onClick={() => change({ tiers: [...draft.tiers, newTier] })}>
            {words.add}
          </Button>
        </div>
        {wrong('tiers') === undefined ? null : <p className="text-alert">{wrong('tiers')}</p>}
        <SelectField
          label={words.usual}
          value={draft.usualTier}
          onChange={({ target }) => change({ usualTier: target.value })}
          error={wrong('usualTier')}
        >
          {draft.tiers.map(({ id, name }, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <option key={place} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        <TextField
          label={words.since}
          hint={words.sinceHint}
          type="datetime-local"
          value={localOf(draft.requestsSince)}
          onChange={({ target }) =>
            change({ requestsSince: target.value === '' ? null : new Date(target.value).toISOString() })
          }
          error={wrong('requestsSince')}
        />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.save}
        </FormActs>
      </form>
    </Sheet>
  );
}

const newTier: RegisterTier = {
  id: '',
  name: '',
  agreements: ['dpa'],
  reviewed: false,
  residency: false,
  reviewEveryDays: 365,
  atExpiry: 'warn',
};

/** As a field for local times writes it: this device's own clock, to the minute. */
function localOf(at: string | null): string {
  if (at === null) return '';
  const time = new Date(at);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
