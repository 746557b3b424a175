import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import type { Example, PolicyDetail } from '../api/policy-types.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink, TextLink } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { PolicyForm } from './policy-form.tsx';
import { ReasonSheet } from './reason-sheet.tsx';
import { VersionSheet, Versions } from './versions.tsx';

const words = m.policies.one;
const from = '/signed-in/policies/$policy';

/** One policy: its text, its examples, what it would have refused, its versions. */
export function PolicyPage() {
  const { policy: name } = useParams({ from });
  const policy = useQuery(queries.policy(name));
  if (policy.data === undefined) {
    return (
      <PageFrame tab={m.policies.policy} title={policy.error ? words.missing : m.policies.policy}>
        {policy.error ? <Trouble error={policy.error} /> : <Bones lines={8} />}
        <div>
          <ButtonLink to="/policies">{m.policies.tab}</ButtonLink>
        </div>
      </PageFrame>
    );
  }
  return <Known key={name} policy={policy.data} />;
}

function Known({ policy }: { policy: PolicyDetail }) {
  const { name, active, version } = policy;
  const search = useSearch({ from });
  const navigate = useNavigate({ from: '/policies/$policy' });
  const [draft, change, forget] = useDraft(`policy.${name}`, {
    text: policy.text,
    examples: policy.examples as readonly Example[],
    reason: '',
    basedOn: version,
  });
  const set = (patch: Partial<Record<'act' | 'version', string | undefined>>): void =>
    void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false });
  const close = (): void => set({ act: undefined, version: undefined });
  const path = `/policies/${encodeURIComponent(name)}`;
  const mayChange = useMay('policy.change');
  const chosen = search.version ?? String(version);
  return (
    <PageFrame
      tab={policy.title}
      title={policy.title}
      lead={
        <>
          <span className="font-mono text-small">{name}</span>.{' '}
          {active === null ? words.stateDraft(version) : words.stateActive(active, version)}{' '}
          <TextLink to="/policies">{m.policies.tab}</TextLink>
        </>
      }
      acts={
        <>
          {active === version || !mayChange ? null : (
            <Button onClick={() => set({ act: 'activate' })}>{words.activate(version)}</Button>
          )}
          {mayChange && active === null ? (
            <Button onClick={() => set({ act: 'remove' })}>{words.remove}</Button>
          ) : null}
          {mayChange && active !== null ? (
            <Button weight="danger" onClick={() => set({ act: 'deactivate' })}>
              {words.deactivate}
            </Button>
          ) : null}
        </>
      }
    >
      {draft.basedOn === version ? null : (
        <Note urgent>
          <p>{words.newer(version, draft.basedOn)}</p>
          <div className="mt-2">
            <Button slim onClick={forget}>
              {words.beginAgain(version)}
            </Button>
          </div>
        </Note>
      )}
      <PolicyForm
        name={name}
        basedOn={draft.basedOn}
        draft={draft}
        // What is typed stays typed against the version that was there then.
        onChange={(patch) => change({ ...patch, basedOn: draft.basedOn })}
        onSaved={forget}
      />
      <Versions policy={policy} />
      {search.act === undefined && search.version !== undefined ? (
        <VersionSheet
          name={name}
          version={search.version}
          onActivate={() => set({ act: 'activate' })}
          onClose={close}
        />
      ) : null}
      {search.act === 'activate' ? (
        <ReasonSheet
          title={words.activate(Number(chosen))}
          act={(reason) => write('POST', `${path}/activate`, { body: { version: Number(chosen) }, reason })}
          onClose={close}
        >
          <p>{words.activateLead}</p>
        </ReasonSheet>
      ) : null}
      {search.act === 'deactivate' ? (
        <ReasonSheet
          title={words.deactivateTitle(policy.title)}
          submit={words.deactivate}
          weight="danger"
          act={(reason) => write('POST', `${path}/deactivate`, { body: {}, reason })}
          onClose={close}
        >
          <p>{words.deactivateLead}</p>
        </ReasonSheet>
      ) : null}
      {search.act === 'remove' ? (
        <ReasonSheet
          title={words.removeTitle(policy.title)}
          submit={words.remove}
          weight="danger"
          act={(reason) => write('DELETE', path, { reason })}
          onClose={close}
          onDone={() => void navigate({ to: '/policies' })}
        >
          <p>{words.removeLead}</p>
        </ReasonSheet>
      ) : null}
    </PageFrame>
  );
}
