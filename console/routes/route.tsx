import type { AppRoute, RouteMember } from '../api/route-types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { Facts, Section } from '../design/page.tsx';
import { Ago } from '../design/time.tsx';
import { routes as words } from '../messages/pages/routes.ts';
import { Permitted } from '../shell/permitted.tsx';

/** One route: who is asked, when the next one is, and what waits. */
export function RouteSection({
  route,
  onChange,
  onRemove,
}: {
  route: AppRoute;
  onChange: () => void;
  onRemove: () => void;
}) {
  const { members, payTwice, firstByteMs, breaker, oneWay } = route;
  return (
    <Section
      title={`/${route.slug}`}
      acts={
        <Permitted action="app.write" own="own">
          <Button slim aria-label={words.change(route.slug)} onClick={onChange}>
            {words.changeShort}
          </Button>
          <Button slim aria-label={words.remove(route.slug)} onClick={onRemove}>
            {words.removeShort}
          </Button>
        </Permitted>
      }
    >
      <ol aria-label={words.order} className="mb-4 flex flex-col border-t border-line">
        {members.map((member, at) => (
          <Member key={member.connection} member={member} number={at + 1} />
        ))}
      </ol>
      <Facts
        facts={[
          [words.goesOn, words.goesOnWhen(payTwice, firstByteMs)],
          [words.rests, words.restsWhen(breaker.failures, breaker.openMs)],
          [
            words.oneWay,
            oneWay.do === 'hold'
              ? words.hold(oneWay.bytes, oneWay.days, oneWay.inDoubt)
              : (words.oneWays[oneWay.do] ?? oneWay.do),
          ],
          ...(oneWay.do === 'hold' || members.some(({ held }) => held.requests > 0)
            ? [[words.held, <Held key="held" members={members} />] as const]
            : []),
          [
            words.changed,
            <span key="changed">
              <Ago at={route.changedAt} /> {words.by(route.changedBy)}
            </span>,
          ],
        ]}
      />
    </Section>
  );
}

function Member({ member, number }: { member: RouteMember; number: number }) {
  const { name, state, resting, models } = member;
  const isOpen = state === 'open';
  const isReady = isOpen && resting.length === 0;
  return (
    <li className="flex flex-wrap gap-x-6 gap-y-1 border-b border-line py-2">
      <span className="w-6 text-soft tabular-nums">{number}</span>
      <span className="min-w-40 font-strong">
        <TextLink to="/connections/$connection" params={{ connection: member.connection }}>
          {name}
        </TextLink>
      </span>
      <span className={isReady ? 'text-soft' : 'text-alert'}>
        {isOpen
          ? resting.length === 0
            ? words.breaker.ready
            : words.breaker.rests(resting)
          : (words.states[state] ?? state)}
      </span>
      <span className="min-w-0 break-words text-soft">
        {words.models}:{' '}
        {models === null
          ? words.asAsked
          : Object.entries(models)
              .map(([asked, here]) => words.modelRow(asked, here))
              .join(', ')}
      </span>
    </li>
  );
}

function Held({ members }: { members: readonly RouteMember[] }) {
  const waiting = members.filter(({ held }) => held.requests > 0);
  const ended = new Map<string, number>();
  for (const member of members)
    for (const [how, number] of Object.entries(member.ended)) ended.set(how, (ended.get(how) ?? 0) + number);
  const parts = [...ended].map(([how, number]) => `${count(number)} ${words.endedHow[how] ?? how}`);
  return (
    <span className="flex flex-col">
      {waiting.length === 0 ? <span>{words.heldNone}</span> : null}
      {waiting.map(({ connection, name, held }) => (
        <span key={connection}>{words.heldFor(name, held.requests, held.bytes)}</span>
      ))}
      {parts.length === 0 ? null : <span className="text-small text-soft">{words.ended(parts)}</span>}
    </span>
  );
}
