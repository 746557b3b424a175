import { useQuery } from '@tanstack/react-query';
import { TextLink } from '../design/button.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { intake as words } from '../messages/pages/verify-intake.ts';
import { IntakeForm } from './intake-form.tsx';
import { Mailboxes } from './mailboxes.tsx';
import { messageQueries } from './queries.ts';
import { Webhooks } from './webhooks.tsx';

/** By which ways messages come in besides the console, and how long they are kept. */
export function MessageSettingsPage() {
  const found = useQuery(messageQueries.intake());
  const mailboxes = useQuery(messageQueries.mailboxes());
  const webhooks = useQuery(messageQueries.webhooks());
  const intake = found.data;
  if (intake === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {found.error ? (
          <Trouble error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <Bones lines={6} />
        )}
      </PageFrame>
    );
  }
  const ways =
    (intake.smtp.enabled ? 1 : 0) + (mailboxes.data?.items.length ?? 0) + (webhooks.data?.items.length ?? 0);
  return (
    <PageFrame
      tab={words.tab}
      title={mailboxes.data === undefined || webhooks.data === undefined ? words.tab : words.title(ways)}
      lead={words.lead}
      acts={<TextLink to="/settings">{m.settings.tab}</TextLink>}
    >
      <IntakeForm key={JSON.stringify(intake)} known={intake} />
      <Mailboxes list={mailboxes} />
      <Webhooks list={webhooks} />
      <Section title={words.button}>
        <p className="max-w-[72ch]">
          {words.buttonLead} <TextLink to="/profile">{words.buttonLink}</TextLink>
        </p>
      </Section>
    </PageFrame>
  );
}
