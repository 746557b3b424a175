import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useActions } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Gateways } from '../configuration/gateways.tsx';
import { Button, TextLink } from '../design/button.tsx';
import { ChoiceField } from '../design/field.tsx';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { useZone } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { Permitted } from '../shell/permitted.tsx';
import { useSignOut } from '../shell/sign-out.ts';
import { setTheme, themes, useTheme } from '../shell/theme.ts';
import { KeyLifetimes } from './key-lifetime.tsx';

const words = m.settings;

/** What this deployment is, where its data and keys lie, and how things are shown in this browser. */
export function SettingsPage() {
  const session = useQuery(queries.session());
  if (session.data === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {session.error ? <Trouble error={session.error} /> : <Bones lines={6} />}
      </PageFrame>
    );
  }
  const { deployment, warnings, actor } = session.data;
  return (
    <PageFrame tab={words.tab} title={words.title(deployment.name)} lead={words.lead}>
      <Section title={words.warnings}>
        {warnings.length === 0 ? <p className="text-soft">{words.noWarnings}</p> : null}
        {warnings.map((warning) => (
          <Note key={`${warning.code} ${warning.text}`} urgent>
            {warning.text}
          </Note>
        ))}
      </Section>
      <Gateways />
      <Permitted action="app.read">
        <KeyLifetimes />
      </Permitted>
      <More />
      <Section title={words.where} lead={words.whereLead}>
        <Facts facts={words.places.map(([name, text]) => [name, <p key={name}>{text}</p>] as const)} />
      </Section>
      <Section title={words.display}>
        <div className="grid max-w-[760px] gap-6 sm:grid-cols-2">
          <ThemeChoice />
          <ZoneChoice />
        </div>
      </Section>
      <Section title={words.about}>
        <Facts
          facts={[
            [words.name, deployment.name],
            [
              words.id,
              <span key="id" className="font-mono text-small">
                {deployment.id}
              </span>,
            ],
            [words.signedInAs, actor?.name ?? m.common.unknown],
            [
              words.api,
              <a key="api" href="/api/openapi.json" className="number-link">
                {words.apiDescription}
              </a>,
            ],
          ]}
        />
        <div className="mt-2">
          <SignOut />
        </div>
      </Section>
    </PageFrame>
  );
}

/** What else is set for the whole deployment, on pages of its own. */
function More() {
  const actions = useActions();
  const pages = (
    [
      ['/settings/deadlines', 'obligation.read', words.deadlines],
      ['/issuers', 'setting.read', words.issuers],
      ['/approvals', 'approval.read', words.approvals],
      ['/settings/mail', 'setting.read', words.mail],
      ['/settings/messages', 'message.change_intake', words.messages],
      ['/vault', 'vault.read', words.vault],
    ] as const
  ).filter(([, action]) => actions.has(action));
  if (pages.length === 0) return null;
  return (
    <Section title={words.more}>
      <ul className="border-t border-line">
        {pages.map(([to, , [name, text]]) => (
          <li key={to} className="grid gap-x-6 border-b border-line py-2 sm:grid-cols-[168px_minmax(0,1fr)]">
            <TextLink to={to}>{name}</TextLink>
            <span className="text-soft">{text}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function ThemeChoice() {
  const theme = useTheme();
  return (
    <ChoiceField
      label={words.theme}
      name="theme"
      value={theme}
      choices={themes.map((value) => ({ value, label: words.themes[value] }))}
      onChoose={(value) => setTheme(themes.find((choice) => choice === value) ?? 'system')}
    />
  );
}

function ZoneChoice() {
  const zone = useZone();
  const navigate = useNavigate({ from: '/settings' });
  return (
    <div className="flex flex-col gap-2">
      <ChoiceField
        label={words.zone}
        name="zone"
        value={zone}
        choices={[
          { value: 'utc', label: words.zones.utc },
          { value: 'local', label: words.zones.local },
        ]}
        onChoose={(value) =>
          void navigate({
            search: (previous) => ({ ...previous, tz: value === 'local' ? 'local' : undefined }),
            replace: true,
            resetScroll: false,
          })
        }
      />
      <p className="text-small text-soft">{words.zoneHint}</p>
    </div>
  );
}

function SignOut() {
  const signOut = useSignOut();
  return (
    <div className="flex flex-col items-start gap-3">
      {signOut.error ? (
        <>
          <Note urgent>{words.stillSignedIn}</Note>
          <Trouble error={signOut.error} />
        </>
      ) : null}
      <Button disabled={signOut.isPending} onClick={() => signOut.mutate()}>
        {words.signOut}
      </Button>
    </div>
  );
}
