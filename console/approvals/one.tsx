import { useEffect, useRef } from 'react';
import type { Approval } from '../api/trust-types.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { Facts } from '../design/page.tsx';
import { Note } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { type ApprovalAct, canBeDoneHere } from './acts.tsx';
import { Change } from './change.tsx';
import { Consequences } from './consequences.tsx';
import { askedOf, sentenceOf } from './what.ts';

const words = m.approvals;

/** One that is open: what exactly would change, what that does, who asked and why, and what one can do about it. */
export function One({
  approval,
  chosen,
  isMine,
  mayDecide,
  onAct,
}: {
  approval: Approval;
  /** The address names it: it is shown first. */
  chosen: boolean;
  isMine: boolean;
  mayDecide: boolean;
  onAct: (act: ApprovalAct) => void;
}) {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (chosen) place.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const what = sentenceOf(approval);
  return (
    <article
      ref={place}
      aria-label={what}
      className={`flex flex-col gap-4 border-t-3 pt-4 pb-2 ${chosen ? 'border-act' : 'border-line-strong'}`}
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <h3 className="text-head font-strong">{what}</h3>
        <p className="text-soft">
          {words.until} <Exact at={approval.expiresAt} /> (<Ago at={approval.expiresAt} />)
        </p>
      </div>
      <Change approval={approval} />
      <div className="grid gap-x-12 gap-y-4 lg:grid-cols-2">
        <div>
          <Facts
            facts={[
              [words.by, <span key="by">{approval.askedBy.name}</span>],
              [words.why, approval.reason],
              [words.asked, <Ago key="asked" at={approval.askedAt} />],
            ]}
          />
        </div>
        <Consequences approval={approval} isMine={isMine} />
      </div>
      <Acts approval={approval} isMine={isMine} mayDecide={mayDecide} onAct={onAct} />
    </article>
  );
}

function Acts({ approval, isMine, mayDecide, onAct }: Omit<Parameters<typeof One>[0], 'chosen'>) {
  if (!isMine)
    return (
      <div className="flex flex-wrap items-center gap-2">
        {mayDecide ? (
          <>
            <Button weight="main" onClick={() => onAct('approve')}>
              {words.approve}
            </Button>
            <Button weight="danger" onClick={() => onAct('refuse')}>
              {words.refuse}
            </Button>
          </>
        ) : (
          <p className="text-soft">{words.notYours}</p>
        )}
        <See approval={approval} />
      </div>
    );
  const isApproved = approval.state === 'approved';
  const again = isApproved && canBeDoneHere(approval);
  return (
    <>
      <Note>{isApproved ? words.approved(approval.decidedBy ?? m.common.unknown) : words.waits}</Note>
      <div className="flex flex-wrap gap-2">
        {again ? (
          <Button weight="main" onClick={() => onAct('again')}>
            {words.doNow}
          </Button>
        ) : null}
        {isApproved && !again ? <See approval={approval} weight="main" /> : null}
        <Button onClick={() => onAct('withdraw')}>{words.withdraw}</Button>
        {isApproved && !again ? null : <See approval={approval} />}
      </div>
    </>
  );
}

/** The way to what it is about: where it can be looked at, and where it is done again once it is approved. */
function See({ approval, weight = 'plain' }: { approval: Approval; weight?: 'plain' | 'main' }) {
  const { kind } = askedOf(approval);
  const { id } = approval.subject;
  if (kind === 'person')
    return id === 'new' ? (
      <ButtonLink weight={weight} to="/people">
        {m.rail.people}
      </ButtonLink>
    ) : (
      <ButtonLink weight={weight} to="/people/$person" params={{ person: id }}>
        {words.openPerson}
      </ButtonLink>
    );
  if (kind === 'issuer')
    return (
      <ButtonLink weight={weight} to="/issuers">
        {m.rail.issuers}
      </ButtonLink>
    );
  if (kind === 'admin')
    return (
      <ButtonLink weight={weight} to="/rotation">
        {m.palette.rotation}
      </ButtonLink>
    );
  if (kind === 'egress')
    return (
      <ButtonLink weight={weight} to="/egress">
        {m.rail.egress}
      </ButtonLink>
    );
  if (approval.subject.kind !== 'connection') return null;
  return (
    <ButtonLink weight={weight} to="/connections/$connection" params={{ connection: id }}>
      {kind === 'credential' && weight === 'main' ? words.enter : words.open}
    </ButtonLink>
  );
}
