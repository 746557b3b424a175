import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ConfigurationVersion } from '../api/fleet-types.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink, TextLink } from '../design/button.tsx';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { GoBack } from './go-back.tsx';

const words = m.configuration;
const from = '/signed-in/settings/configuration/$version';

/** One configuration: how it differs from the one before, what led to it, and the way back to it. */
export function ConfigurationPage() {
  const { version } = useParams({ from });
  const search = useSearch({ from });
  const navigate = useNavigate({ from: '/settings/configuration/$version' });
  const found = useQuery(queries.configuration(version));
  if (found.data === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {found.error ? <Trouble error={found.error} /> : <Bones lines={6} />}
      </PageFrame>
    );
  }
  const row = found.data;
  const act = (name: string | undefined): void =>
    void navigate({ search: (previous) => ({ ...previous, act: name }), replace: true, resetScroll: false });
  return (
    <PageFrame
      tab={words.one.title(row.version, row.inForce)}
      title={words.one.title(row.version, row.inForce)}
      lead={row.before === null ? words.first : words.one.lead(row.before)}
      acts={
        <>
          <ButtonLink to="/settings/configuration">{words.back}</ButtonLink>
          {row.inForce ? null : (
            <Button weight="main" onClick={() => act('rollback')}>
              {words.rollback.open}
            </Button>
          )}
        </>
      }
    >
      {row.before === null ? null : <Differences row={row} />}
      <Changes row={row} />
      <Section title={words.one.facts}>
        <Facts
          facts={[
            [words.published, <Exact key="at" at={row.publishedAt} />],
            [
              words.one.hash,
              <span key="hash" className="font-mono text-small" title={words.one.hashHint}>
                {row.hash}
              </span>,
            ],
          ]}
        />
      </Section>
      {search.act === 'rollback' ? <GoBack version={row.version} onClose={() => act(undefined)} /> : null}
    </PageFrame>
  );
}

function Differences({ row }: { row: ConfigurationVersion }) {
  return (
    <Section title={words.one.differences} lead={words.one.differencesCount(row.differencesInAll)}>
      {row.differences.length === 0 ? <p>{words.same}</p> : null}
      <ul className="border-t border-line">
        {row.differences.map((difference) => (
          <li
            key={`${difference.code} ${difference.subject.id} ${difference.text}`}
            className="grid grid-cols-[96px_1fr] gap-x-4 border-b border-line py-2 max-sm:grid-cols-1"
          >
            <Subject subject={difference.subject} />
            <span className="min-w-0 break-words">{difference.text}</span>
          </li>
        ))}
      </ul>
      {row.differencesInAll > row.differences.length ? (
        <p className="text-soft">{words.more(row.differencesInAll - row.differences.length)}</p>
      ) : null}
    </Section>
  );
}

/** What a difference is of, as the way to its page. */
function Subject({
  subject,
}: {
  subject: ConfigurationVersion['differences'][number]['subject'];
}): ReactNode {
  const kind = words.one.subjects[subject.kind] ?? subject.kind;
  if (subject.kind === 'connection') {
    return (
      <TextLink to="/connections/$connection" params={{ connection: subject.id }}>
        {kind}
      </TextLink>
    );
  }
  if (subject.kind === 'vendor') {
    return (
      <TextLink to="/vendors/$vendor" params={{ vendor: subject.id }}>
        {kind}
      </TextLink>
    );
  }
  return <TextLink to={subject.kind === 'key' ? '/apps' : '/review'}>{kind}</TextLink>;
}

function Changes({ row }: { row: ConfigurationVersion }) {
  return (
    <Section title={words.one.changes}>
      {row.changes.length === 0 ? <p className="text-soft">{words.noCause}</p> : null}
      <ul className="border-t border-line">
        {row.changes.map((change) => (
          <li key={change.id} className="flex flex-col gap-1 border-b border-line py-2">
            <span className="font-strong">“{change.reason}”</span>
            <span className="text-soft">
              {change.actor}, <span className="font-mono text-small">{change.act}</span>,{' '}
              <Ago at={change.at} />
            </span>
          </li>
        ))}
      </ul>
      {row.changesInAll > row.changes.length ? (
        <p className="text-soft">{words.more(row.changesInAll - row.changes.length)}</p>
      ) : null}
    </Section>
  );
}
