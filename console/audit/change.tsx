import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ChangeDetail } from '../api/audit-types.ts';
import { queries } from '../api/queries.ts';
import { TextLink } from '../design/button.tsx';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { type Difference, readDetail } from './detail.ts';
import { Proof } from './proof.tsx';
import { actText, kindText, SubjectLink, useActorText, useSubjectName } from './subject.tsx';

const words = m.audit.one;

/** One change: what it changed, who and why, and the proof that the log has it. */
export function ChangePage() {
  const { change: id } = useParams({ from: '/signed-in/audit/changes/$change' });
  const change = useQuery(queries.change(id));
  if (change.data === undefined) {
    return (
      <PageFrame tab={m.audit.tab} title={m.audit.tab}>
        {change.error ? (
          <Trouble error={change.error} onRetry={() => void change.refetch()} />
        ) : (
          <Bones lines={8} />
        )}
      </PageFrame>
    );
  }
  return <Known key={id} change={change.data} />;
}

function Known({ change }: { change: ChangeDetail }) {
  const nameOf = useSubjectName();
  const actorText = useActorText();
  const title = words.title(actText(change.act), nameOf(change.subject));
  return (
    <PageFrame
      tab={actText(change.act)}
      title={title}
      lead={
        <>
          “{change.reason}” {words.by} {actorText(change.actor)}, <Ago at={change.at} />.{' '}
          <TextLink to="/audit">{words.back}</TextLink>
        </>
      }
    >
      {change.agrees === 'no' ? (
        <div role="alert">
          <Note urgent>
            <p className="font-strong">{words.disagrees}</p>
            <p>{change.note}</p>
          </Note>
        </div>
      ) : null}
      <BeforeAndAfter change={change} />
      <Section title={words.about}>
        <ChangeFacts change={change} name={nameOf(change.subject)} />
      </Section>
      <Proof change={change} />
    </PageFrame>
  );
}

function BeforeAndAfter({ change }: { change: ChangeDetail }) {
  const { differences, facts } = readDetail(change.detail);
  return (
    <Section title={words.difference}>
      {differences.length + facts.length === 0 ? <p className="text-soft">{words.noDetail}</p> : null}
      {differences.length === 0 ? null : (
        <table className="w-full table-fixed border-collapse text-left" aria-label={words.differenceTable}>
          <thead>
            <tr className="border-b border-line-strong text-small">
              {[words.member, words.before, words.after].map((head) => (
                <th key={head} scope="col" className="py-1.5 pr-4 font-strong">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {differences.map((difference) => (
              <DifferenceRow key={difference.name} difference={difference} />
            ))}
          </tbody>
        </table>
      )}
      {facts.length === 0 ? null : (
        <Facts facts={facts.map(({ name, value }) => [spaced(name), value] as const)} />
      )}
    </Section>
  );
}

function DifferenceRow({ difference: { name, before, after } }: { difference: Difference }) {
  return (
    <tr className="border-b border-line align-top">
      <th scope="row" className="py-2 pr-4 font-normal text-soft">
        {spaced(name)}
      </th>
      <td className="py-2 pr-4 break-words">
        {before === null ? (
          <span className="text-soft">{words.nothing}</span>
        ) : (
          <del className="text-soft decoration-line-strong">{before}</del>
        )}
      </td>
      <td className="py-2 break-words">
        {after === null ? (
          <span className="text-soft">{words.nothing}</span>
        ) : (
          <ins className="no-underline">{after}</ins>
        )}
      </td>
    </tr>
  );
}

/** `perMinute` as "per minute". */
function spaced(name: string): string {
  return name.replaceAll(
    /([a-z])([A-Z])/g,
    (_, end: string, start: string) => `${end} ${start.toLowerCase()}`,
  );
}

function ChangeFacts({ change, name }: { change: ChangeDetail; name: string }) {
  const actorText = useActorText();
  const { kind, id } = change.subject;
  return (
    <Facts
      facts={[
        [
          words.on,
          <span key="on">
            {kindText(kind)} <SubjectLink subject={change.subject}>{name === '' ? id : name}</SubjectLink>
            {', '}
            <TextLink to="/audit" search={{ subject: `${kind}:${id}` }}>
              {words.allOn}
            </TextLink>
          </span>,
        ],
        [
          words.who,
          <TextLink key="who" to="/audit" search={{ actor: change.actor }}>
            {actorText(change.actor)}
          </TextLink>,
        ],
        [words.why, change.reason],
        [words.at, <Exact key="at" at={change.at} />],
        [words.act, <Mono key="act" text={change.act} />],
        [words.id, <Mono key="id" text={change.id} />],
      ]}
    />
  );
}

function Mono({ text }: { text: string }) {
  return <span className="font-mono text-small break-all">{text}</span>;
}
