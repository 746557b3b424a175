import type { ContractDocument } from '@drawbridge/protocol/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useMemo, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { PackRow, PackService, ServiceDetail } from '../api/types.ts';
import { ContractEditor, ContractSummary } from '../contract/editor.tsx';
import { PreviewPanel, type SampleChoice, SampleChooser, UnknownNames } from '../contract/preview-panel.tsx';
import { differences, isContract, listOf } from '../contract/rules.ts';
import { TextSentence } from '../contract/texts-panel.tsx';
import { classCounts, usePreview } from '../contract/use-preview.ts';
import { Button } from '../design/button.tsx';
import { ChoiceField, SelectField, TextArea, TextField } from '../design/field.tsx';
import { ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { credentialHint } from './credential-hint.ts';
import { Made } from './made.tsx';
import { rememberNewKey } from './new-key.ts';
import { type ConnectRequest, connect, newProgress, type Progress } from './submit.ts';
import { upstreamOf } from './upstream.ts';

const words = m.connect;

type ContractName = 'recommended' | 'as_is';

interface Props {
  pack: PackRow;
  service: PackService;
  region: PackService['regions'][number];
  contract: ContractName;
  onContract: (contract: ContractName) => void;
  /** The choice of the region, as long as there is one. */
  regions: ReactNode;
}

export function ConnectForm(props: Props) {
  const detail = useQuery(queries.service(props.pack.vendor, props.service.id));
  if (detail.data === undefined) {
    return detail.error ? (
      <Trouble error={detail.error} onRetry={() => void detail.refetch()} />
    ) : (
      <Bones lines={8} />
    );
  }
  return <Form {...props} detail={detail.data} />;
}

interface Draft {
  /** Null: nobody typed one, and the suggestion holds. */
  name: string | null;
  upstream: string;
  upstreamPrivate: boolean;
  app: string;
  appName: string;
  appOwner: string;
  kind: 'secret' | 'publishable';
  origins: string;
  perMinute: string;
  reason: string;
  /** Rules that were changed here, by the contract they were changed from. */
  rules: Partial<Record<ContractName, ContractDocument>>;
  /** What a try that did not come to its end has made; null before the first. */
  progress: Progress | null;
}

/** A draft may be from an older version of this page: rules that no longer read are left out. */
function rulesIn(draft: Draft, contract: ContractName): ContractDocument | undefined {
  const kept: unknown = draft.rules[contract];
  return isContract(kept) ? kept : undefined;
}

function Form(props: Props & { detail: ServiceDetail }) {
  const { pack, service, region, contract, onContract, detail } = props;
  const navigate = useNavigate();
  const client = useQueryClient();
  const apps = useQuery(queries.apps());
  const [draft, change, forget] = useDraft<Draft>(`connect.${pack.vendor}.${service.id}`, {
    name: null,
    upstream: '',
    upstreamPrivate: false,
    app: '',
    appName: '',
    appOwner: '',
    kind: 'secret',
    origins: '',
    perMinute: '600',
    reason: words.reason(service.name),
    rules: {},
    progress: null,
  });
  const [credential, setCredential] = useState('');
  const [sample, setSample] = useState<SampleChoice>({
    source: 'made',
    endpoint: detail.sample.endpoint,
    pasted: '',
  });

  const suggested = service.regions.length > 1 ? `${service.name}, ${region.name}` : service.name;
  const name = draft.name ?? suggested;
  const base = detail.contracts[contract];
  const rules = rulesIn(draft, contract) ?? base;
  const changed = differences(rules, base);
  const { preview, error: sampleError } = usePreview(detail, rules, sample);
  const counts = useMemo(() => classCounts(preview), [preview]);

  const submit = useMutation({
    mutationFn: ({ request, before }: { request: ConnectRequest; before: Progress | null }) =>
      connect(request, before ?? newProgress(), (progress) => {
        change({ progress });
        if (progress.connection !== undefined) setCredential('');
      }),
    onSuccess: async ({ connection, key }) => {
      rememberNewKey(connection.id, key);
      setCredential('');
      forget();
      await client.invalidateQueries();
      await navigate({ to: '/connect/$connection', params: { connection: connection.id } });
    },
  });

  function setRules(next: ContractDocument | undefined): void {
    const { [contract]: _before, ...others } = draft.rules;
    change({ rules: next === undefined ? others : { ...others, [contract]: next } });
  }

  const upstream =
    draft.upstream.trim() === '' ? undefined : upstreamOf(draft.upstream, draft.upstreamPrivate);

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (upstream === null) return;
    const request: ConnectRequest = {
      name: name.trim(),
      vendor: pack.vendor,
      service: service.id,
      region: region.id,
      upstream,
      contract: changed === 0 ? contract : rules,
      credential: credential.trim(),
      app:
        draft.app === '' ? { name: draft.appName.trim(), owner: draft.appOwner.trim() } : { id: draft.app },
      kind: draft.kind,
      origins: listOf(draft.origins),
      perMinute: Number(draft.perMinute) || undefined,
      reason: draft.reason.trim(),
    };
    submit.mutate({ request, before: draft.progress });
  }

  const wrong = (field: string): { error: string | undefined } => ({
    error: submit.error instanceof ApiError ? submit.error.field(field) : undefined,
  });
  // While it runs, the form stays as it was when it was sent.
  const progress = submit.isPending ? submit.variables.before : draft.progress;
  const made = progress?.connection;
  const madeApp = progress?.app;
  const newApp = draft.app === '' && madeApp === undefined;

  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-10">
      {made === undefined ? props.regions : <Made connection={made} onAnew={forget} />}
      {made === undefined ? (
        <>
          <Section title={words.credential}>
            <TextField
              label={words.credentialLabel(service.name)}
              hint={credentialHint(detail)}
              type="password"
              autoComplete="off"
              spellCheck={false}
              value={credential}
              onChange={(event) => setCredential(event.target.value)}
              {...wrong('credential')}
            />
            {credential === '' ? <p className="text-small text-soft">{words.credentialLater}</p> : null}
            <details open={region.ownHost}>
              <summary className="number-link w-fit">{words.upstream}</summary>
              <div className="mt-3 flex flex-col gap-2">
                <TextField
                  label={words.upstreamLabel}
                  hint={words.upstreamHint}
                  placeholder={`https://${region.host}`}
                  value={draft.upstream}
                  onChange={(event) => change({ upstream: event.target.value })}
                  error={upstream === null ? words.upstreamWrong : wrong('upstream').error}
                />
                <label className="flex items-center gap-2">
                  <input
                    type="checkbox"
                    checked={draft.upstreamPrivate}
                    onChange={(event) => change({ upstreamPrivate: event.target.checked })}
                  />
                  {words.upstreamPrivate}
                </label>
              </div>
            </details>
          </Section>

          <Section title={words.contract} lead={words.contractLead}>
            <div className="flex max-w-[760px] flex-col gap-2">
              <ChoiceField
                label={m.connection.contract}
                name="contract"
                columns={2}
                value={contract}
                choices={[
                  {
                    value: 'recommended',
                    ...(detail.kind === 'ai' ? words.choices.recommendedAi : words.choices.recommended),
                  },
                  { value: 'as_is', ...words.choices.as_is },
                ]}
                onChoose={(value) => onContract(value === 'as_is' ? 'as_is' : 'recommended')}
              />
              {changed === 0 ? null : (
                <p>
                  {words.changed(changed)}.{' '}
                  <button type="button" className="number-link" onClick={() => setRules(undefined)}>
                    {words.reset}
                  </button>
                </p>
              )}
            </div>
            <div className="flex flex-col gap-1">
              <h3 className="font-strong">{m.texts.title}</h3>
              <TextSentence service={detail} rules={rules} />
            </div>
            <p className="text-soft">{words.preview.lead}</p>
            <SampleChooser service={detail} sample={sample} error={sampleError} onChange={setSample} />
            {preview === null ? null : <PreviewPanel preview={preview} vendor={pack.name} rules={rules} />}
            {preview === null ? null : (
              <UnknownNames names={preview.names} rules={rules} onChange={setRules} />
            )}
            <details className="mt-2">
              <summary>
                <span className="number-link">{words.table.change}</span>
                <ContractSummary service={detail} rules={rules} />
              </summary>
              <div className="mt-4">
                <ContractEditor
                  service={detail}
                  rules={rules}
                  base={base}
                  counts={counts}
                  onChange={setRules}
                />
              </div>
            </details>
          </Section>
        </>
      ) : null}

      <Section title={words.app}>
        {madeApp === undefined ? null : <p>{words.madeApp(madeApp.name)}</p>}
        <div className="grid max-w-[760px] gap-6 sm:grid-cols-2">
          {madeApp === undefined ? (
            <SelectField
              label={words.appChoice}
              value={draft.app}
              onChange={(event) => change({ app: event.target.value })}
            >
              <option value="">{words.appNew}</option>
              {(apps.data ?? []).map((app) => (
                <option key={app.id} value={app.id}>
                  {app.name}
                </option>
              ))}
            </SelectField>
          ) : null}
          {newApp ? (
            <TextField
              label={words.appName}
              hint={m.apps.appNameHint}
              required
              value={draft.appName}
              onChange={(event) => change({ appName: event.target.value })}
            />
          ) : null}
          {newApp ? (
            <TextField
              label={words.appOwner}
              hint={words.appOwnerHint}
              required
              value={draft.appOwner}
              onChange={(event) => change({ appOwner: event.target.value })}
              {...wrong('owner')}
            />
          ) : null}
          {made === undefined ? (
            <TextField
              label={words.name}
              hint={words.nameHint}
              required
              value={name}
              onChange={(event) => change({ name: event.target.value })}
              {...wrong('name')}
            />
          ) : null}
        </div>
        {service.browser ? (
          <div className="flex max-w-[760px] flex-col gap-4">
            <ChoiceField
              label={words.where}
              name="kind"
              columns={2}
              value={draft.kind}
              choices={[
                { value: 'secret', ...words.kinds.secret },
                { value: 'publishable', ...words.kinds.publishable },
              ]}
              onChoose={(value) => change({ kind: value === 'publishable' ? 'publishable' : 'secret' })}
            />
            {draft.kind === 'publishable' ? (
              <>
                <TextArea
                  label={words.origins}
                  hint={words.originsHint}
                  rows={2}
                  required
                  value={draft.origins}
                  onChange={(event) => change({ origins: event.target.value })}
                  {...wrong('origins')}
                />
                <TextField
                  label={words.perMinute}
                  type="number"
                  min={1}
                  value={draft.perMinute}
                  onChange={(event) => change({ perMinute: event.target.value })}
                  {...wrong('perMinute')}
                />
              </>
            ) : null}
          </div>
        ) : null}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} {...wrong('reason')} />
        {submit.error ? <Trouble error={submit.error} /> : null}
        <div>
          <Button type="submit" weight="main" disabled={submit.isPending}>
            {submit.isPending ? words.working : made === undefined ? words.submit : words.submitKey}
          </Button>
        </div>
      </Section>
    </form>
  );
}
