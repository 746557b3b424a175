import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { Leak, LeakPlace, OneLeak } from '../api/leak-types.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink, TextLink } from '../design/button.tsx';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { leaks } from '../messages/pages/leaks.ts';
import { Permitted } from '../shell/permitted.tsx';
import { Decide } from './decide.tsx';
import { RotateNow } from './rotate.tsx';
import { canRotate, nameOf } from './words.ts';

const words = leaks.one;
const from = '/signed-in/leaks/$leak';

/** One leaked key: whose it is, where it lies, and what is done about it. */
export function LeakPage() {
  const { leak: id } = useParams({ from });
  const { act } = useSearch({ from });
  const navigate = useNavigate({ from: '/leaks/$leak' });
  const leak = useQuery(queries.leak(id));
  const set = (to: string | undefined): void =>
    void navigate({ search: (previous) => ({ ...previous, act: to }), replace: true, resetScroll: false });
  const close = (): void => set(undefined);
  const { data } = leak;
  if (data === undefined || data === null) {
    return (
      <PageFrame tab={leaks.tab} title={data === null ? words.missing : leaks.tab}>
        {leak.error ? <Trouble error={leak.error} onRetry={() => void leak.refetch()} /> : null}
        {data === null ? (
          <p>
            <ButtonLink to="/leaks">{words.back}</ButtonLink>
          </p>
        ) : leak.error ? null : (
          <Bones lines={6} />
        )}
      </PageFrame>
    );
  }
  const isOpen = data.state === 'open';
  return (
    <PageFrame
      tab={nameOf(data)}
      title={words.title(nameOf(data), data.places + data.prompts)}
      lead={
        <>
          <p>{words.lead[data.kind][isOpen ? 'open' : 'closed']}</p>
          {data.kind === 'canary' ? null : <p>{words.pushed}</p>}
        </>
      }
      acts={<Acts leak={data} onAct={set} />}
    >
      <Facts facts={factsOf(data)} />
      {data.seenIn.length === 0 ? null : <Prompts seenIn={data.seenIn} isKey={data.kind === 'virtual_key'} />}
      <Places leak={id} />
      {act === 'decide' ? <Decide leak={data} onClose={close} /> : null}
      {act === 'rotate' || act === 'roll' || act === 'revoke' ? (
        <RotateNow leak={id} onClose={close} {...(act === 'rotate' ? {} : { act })} />
      ) : null}
    </PageFrame>
  );
}

function Acts({ leak, onAct }: { leak: Leak; onAct: (act: string) => void }) {
  const isKey = leak.kind === 'virtual_key';
  return (
    <>
      <Permitted action="leak.decide">
        <Button onClick={() => onAct('decide')}>{words.decide}</Button>
      </Permitted>
      {isKey && leak.state !== 'open' && leak.of?.app != null ? (
        <ButtonLink to="/apps/$app" params={{ app: leak.of.app }} search={{ act: 'new' }} weight="main">
          {words.newKey}
        </ButtonLink>
      ) : null}
      {canRotate(leak) ? (
        isKey ? (
          <Permitted action="key.write">
            <Button onClick={() => onAct('roll')}>{words.make}</Button>
            <Button weight="danger" onClick={() => onAct('revoke')}>
              {words.revoke}
            </Button>
          </Permitted>
        ) : (
          <Permitted action="rotation.run">
            <Button weight="main" onClick={() => onAct('rotate')}>
              {leaks.rotate}
            </Button>
          </Permitted>
        )
      ) : null}
    </>
  );
}

function factsOf(leak: Leak) {
  const { of, since, decided } = leak;
  return [
    [
      words.key,
      of === null ? (
        leaks.kinds.unknown
      ) : of.app !== null ? (
        <TextLink key="of" to="/apps/$app" params={{ app: of.app }}>
          {of.name}
        </TextLink>
      ) : of.connection !== null ? (
        <TextLink key="of" to="/connections/$connection" params={{ connection: of.connection }}>
          {of.name}
        </TextLink>
      ) : (
        of.name
      ),
    ],
    [words.owner, leak.owner ?? leaks.ownerUnknown],
    [
      words.since,
      since === null ? (
        leaks.sinceUnknown
      ) : (
        <span key="since">
          <Exact at={since.at} />, <code>{words.sinceCommit(since.commit)}</code>
        </span>
      ),
    ],
    [words.found, <Ago key="found" at={leak.firstAt} />],
    [words.detector, words.detectorText(leak.detector, leak.confidence)],
    [
      words.state,
      decided === null ? (
        leaks.states[leak.state]
      ) : (
        <span key="state">
          {words.decided(leaks.states[leak.state], decided.by, decided.reason)}
          {decided.until === null ? null : (
            <>
              {' '}
              ({words.until} <Exact at={decided.until} />)
            </>
          )}
        </span>
      ),
    ],
  ] as const;
}

function Prompts({ seenIn, isKey }: { seenIn: OneLeak['seenIn']; isKey: boolean }) {
  return (
    <Section title={words.prompts} lead={isKey ? words.promptsLead.key : words.promptsLead.credential}>
      <PlainTable
        label={words.prompts}
        heads={[words.promptsApp, words.promptsConnection, words.promptsLatest]}
        numeric={[words.promptsCrossings]}
      >
        {seenIn.map(({ app, connection, crossing, crossings, lastAt }) => (
          <tr key={`${app.id} ${connection.id}`} className="border-b border-line align-top">
            <th scope="row" className="px-3 py-2 font-normal">
              <TextLink to="/apps/$app" params={{ app: app.id }}>
                {app.name}
              </TextLink>
            </th>
            <td className="px-3 py-2">{connection.name}</td>
            <td className="px-3 py-2 whitespace-nowrap">
              <TextLink to="/crossings/$crossing" params={{ crossing }}>
                <Ago at={lastAt} />
              </TextLink>
            </td>
            <td className="px-3 py-2 text-right">{crossings}</td>
          </tr>
        ))}
      </PlainTable>
    </Section>
  );
}

function Places({ leak }: { leak: string }) {
  const places = useInfiniteQuery(queries.leakPlaces(leak));
  const rows = places.data?.pages.flatMap((page) => page.items);
  return (
    <Section title={words.places} lead={words.placesLead}>
      {places.error ? <Trouble error={places.error} onRetry={() => void places.refetch()} /> : null}
      {rows === undefined && !places.error ? <Bones lines={4} /> : null}
      {rows === undefined ? null : (
        <PlainTable
          label={words.placesTable}
          heads={[words.where, leaks.source, words.firstRun, words.now]}
          numeric={[words.since]}
        >
          {rows.map((place) => (
            <tr
              key={`${place.source} ${place.path} ${place.history} ${place.line} ${place.column}`}
              className="border-b border-line align-top"
            >
              <th scope="row" className="min-w-[220px] px-3 py-2 font-normal">
                <Where place={place} />
              </th>
              <td className="px-3 py-2">{place.source}</td>
              <td className="px-3 py-2 whitespace-nowrap">{words.run(place.firstRun)}</td>
              <td className="px-3 py-2 whitespace-nowrap">
                {place.goneRun === null ? words.there : words.goneBy(place.goneRun)}
              </td>
              <td className="px-3 py-2 text-right whitespace-nowrap">
                {place.since === null ? (
                  <span className="text-soft">{leaks.sinceUnknown}</span>
                ) : (
                  <Exact at={place.since.at} />
                )}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {places.hasNextPage ? (
        <Button slim disabled={places.isFetchingNextPage} onClick={() => void places.fetchNextPage()}>
          {words.more}
        </Button>
      ) : null}
    </Section>
  );
}

/** `path:line`; of what stands in a history also what shows it. */
function Where({ place }: { place: LeakPlace }) {
  const isMessage = /(^|\/)\((commit|tag) message\)$/.test(place.path);
  const name = isMessage ? place.commit : `${place.commit}:${place.path}`;
  return (
    <div className="max-w-[480px] break-all">
      <code className="font-mono text-small">
        {place.path}:{place.line}:{place.column}
      </code>
      {place.history ? (
        <p className="text-small text-soft">
          {isMessage ? `${words.message}: ` : ''}
          {isMessage ? `git show ${name}` : words.inHistory(`git show ${name}`)}
        </p>
      ) : null}
    </div>
  );
}
