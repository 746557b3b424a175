import { type Dispatch, type SetStateAction, useState } from 'react';
import type { ReminderChannel, RemindersView } from '../api/obligation-types.ts';
import { Button } from '../design/button.tsx';
import { SelectField, TextField } from '../design/field.tsx';
import { obligations } from '../messages/pages/obligations.ts';
import { CheckField } from './check-field.tsx';
import { SaveSheet } from './save-sheet.tsx';

const words = obligations.reminders;
const form = words.channel;
const path = '/organisation/reminders';
const kinds = ['email', 'webhook', 'slack', 'teams', 'pagerduty', 'jira'] as const;
type Kind = (typeof kinds)[number];

interface Draft {
  id: string;
  name: string;
  kind: string;
  to: string;
  url: string;
  site: string;
  account: string;
  project: string;
  issueType: string;
  region: string;
  drills: boolean;
  paused: boolean;
  isPrivate: boolean;
}

const draftOf = (channel: ReminderChannel | null): Draft => ({
  id: channel?.id ?? '',
  name: channel?.name ?? '',
  kind: channel?.kind ?? 'email',
  to: channel?.kind === 'email' ? channel.to : 'leads',
  url: channel?.kind === 'webhook' ? channel.url : '',
  site: channel?.kind === 'jira' ? channel.site : '',
  account: channel?.kind === 'jira' ? channel.email : '',
  project: channel?.kind === 'jira' ? channel.project : '',
  issueType: channel?.kind === 'jira' ? channel.issueType : 'Task',
  region: channel?.kind === 'pagerduty' ? channel.region : 'us',
  drills: channel?.drills ?? false,
  paused: channel?.paused ?? false,
  isPrivate: channel?.private ?? false,
});

const kindOf = (draft: Draft): Kind => kinds.find((kind) => kind === draft.kind) ?? 'email';

function channelOf(draft: Draft): object {
  const { id, name, drills, paused, isPrivate, to, url, site, account, project, issueType, region } = draft;
  const common = { id: id.trim(), name: name.trim(), drills, paused, private: isPrivate };
  const kind = kindOf(draft);
  switch (kind) {
    case 'email':
      return { ...common, kind, to: to.trim() };
    case 'webhook':
      return { ...common, kind, url: url.trim() };
    case 'pagerduty':
      return { ...common, kind, region };
    case 'jira':
      return {
        ...common,
        kind,
        site: site.trim(),
        email: account.trim(),
        project: project.trim(),
        issueType: issueType.trim(),
      };
    default:
      return { ...common, kind };
  }
}

/** Adds a channel or changes one. The secret lies in this component alone, and goes once. */
export function ChannelSheet({
  view: { reminders, revision, withSecret },
  channel,
  onClose,
}: {
  view: RemindersView;
  channel: ReminderChannel | null;
  onClose: () => void;
}) {
  const [secret, setSecret] = useState('');
  const place = channel === null ? reminders.channels.length : reminders.channels.indexOf(channel);
  return (
    <SaveSheet
      title={channel === null ? form.sheetAdd : form.sheetChange(channel.name)}
      name={`channel.${channel?.id ?? 'new'}.${revision}`}
      initial={draftOf(channel)}
      path={path}
      body={(draft) => {
        const channels = [
          ...reminders.channels.slice(0, place),
          channelOf(draft),
          ...reminders.channels.slice(place + 1),
        ];
        return {
          reminders: { ...reminders, channels },
          secrets: kindOf(draft) === 'email' || secret === '' ? {} : { [draft.id.trim()]: secret },
          revision,
        };
      }}
      onClose={onClose}
    >
      {(draft, change, wrong) => {
        const at = (name: string) => wrong(`reminders.channels.${place}.${name}`);
        const kind = kindOf(draft);
        return (
          <>
            {channel === null ? (
              <TextField
                label={form.id}
                hint={form.idHint}
                required
                value={draft.id}
                onChange={(event) => change({ id: event.target.value })}
                error={at('id') ?? wrong('reminders.channels')}
              />
            ) : null}
            <TextField
              label={form.name}
              required
              maxLength={120}
              value={draft.name}
              onChange={(event) => change({ name: event.target.value })}
              error={at('name')}
            />
            {channel === null ? (
              <SelectField
                label={form.kind}
                value={draft.kind}
                onChange={(event) => change({ kind: event.target.value })}
              >
                {kinds.map((one) => (
                  <option key={one} value={one}>
                    {words.kinds[one]}
                  </option>
                ))}
              </SelectField>
            ) : null}
            <KindFields draft={draft} change={change} at={at} />
            {kind === 'email' ? null : (
              <Secret
                kind={kind}
                isKept={channel !== null && withSecret.includes(channel.id)}
                value={secret}
                onChange={setSecret}
                error={wrong(`secrets.${draft.id}`)}
              />
            )}
            <CheckField
              label={form.drills}
              checked={draft.drills}
              onChange={(drills) => change({ drills })}
            />
            <CheckField
              label={form.paused}
              checked={draft.paused}
              onChange={(paused) => change({ paused })}
            />
            {kind === 'email' ? null : (
              <CheckField
                label={form.private}
                checked={draft.isPrivate}
                onChange={(isPrivate) => change({ isPrivate })}
              />
            )}
          </>
        );
      }}
    </SaveSheet>
  );
}

function KindFields({
  draft,
  change,
  at,
}: {
  draft: Draft;
  change: (patch: Partial<Draft>) => void;
  at: (name: string) => string | undefined;
}) {
  const text = (
    name: 'to' | 'url' | 'site' | 'account' | 'project' | 'issueType',
    label: string,
    hint?: string,
    member: string = name,
  ) => (
    <TextField
      label={label}
      hint={hint}
      required
      value={draft[name]}
      onChange={(event) => change({ [name]: event.target.value })}
      error={at(member)}
    />
  );
  switch (kindOf(draft)) {
    case 'email':
      return text('to', form.to, form.toHint);
    case 'webhook':
      return text('url', form.url, form.urlHint);
    case 'jira':
      return (
        <>
          {text('site', form.site, form.siteHint)}
          {text('account', form.account, undefined, 'email')}
          {text('project', form.project)}
          {text('issueType', form.issueType)}
        </>
      );
    case 'pagerduty':
      return (
        <SelectField
          label={form.region}
          value={draft.region}
          onChange={(event) => change({ region: event.target.value })}
        >
          {['us', 'eu'].map((region) => (
            <option key={region} value={region}>
              {region.toUpperCase()}
            </option>
          ))}
        </SelectField>
      );
    default:
      return null;
  }
}

/** 32 random bytes, in the form of Standard Webhooks. */
function madeSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}

function Secret({
  kind,
  isKept,
  value,
  onChange,
  error,
}: {
  kind: Exclude<Kind, 'email'>;
  isKept: boolean;
  value: string;
  onChange: Dispatch<SetStateAction<string>>;
  error: string | undefined;
}) {
  return (
    <div className="flex flex-col items-start gap-2">
      <TextField
        label={form.secret[kind]}
        hint={isKept ? form.secretKept : form.secretHint}
        required={!isKept}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        error={error}
      />
      {kind === 'webhook' ? (
        <Button slim onClick={() => onChange(madeSecret())}>
          {form.make}
        </Button>
      ) : null}
    </div>
  );
}

/** Says what goes with it, and takes a channel away. */
export function RemoveChannel({
  view: { reminders, revision },
  channel,
  onClose,
}: {
  view: RemindersView;
  channel: ReminderChannel;
  onClose: () => void;
}) {
  return (
    <SaveSheet
      title={words.removeNamed(channel.name)}
      name={`channel-remove.${channel.id}`}
      initial={{}}
      path={path}
      body={() => ({
        reminders: { ...reminders, channels: reminders.channels.filter(({ id }) => id !== channel.id) },
        revision,
      })}
      danger
      act={words.remove}
      onClose={onClose}
    >
      {() => <p>{words.removeText}</p>}
    </SaveSheet>
  );
}
