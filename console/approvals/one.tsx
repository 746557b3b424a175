import { useEffect, useRef } from 'react';
import type { Approval } from '../api/trust-types.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { Facts } from '../design/page.tsx';
import { Note } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import type { ApprovalAct } from './acts.tsx';
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
  const connection = approval.subject.kind === 'connection' ? approval.subject.id : null;
  const see =
    connection === null ? null : (
      <ButtonLink to="/connections/$connection" params={{ connection }}>
        {words.open}
      </ButtonLink>
    );
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
        {see}
      </div>
    );
  const isApproved = approval.state === 'approved';
  const { kind } = askedOf(approval);
  return (
    <>
      <Note>{isApproved ? words.approved(approval.decidedBy ?? m.common.unknown) : words.waits}</Note>
      <div className="flex flex-wrap gap-2">
        {isApproved && kind === 'credential' && connection !== null ? (
          <ButtonLink weight="main" to="/connections/$connection" params={{ connection }}>
            {words.enter}
          </ButtonLink>
        ) : null}
        {isApproved && (kind === 'move' || kind === 'setting') ? (
          <Button weight="main" onClick={() => onAct('again')}>
            {words.doNow}
          </Button>
        ) : null}
        <Button onClick={() => onAct('withdraw')}>{words.withdraw}</Button>
        {see}
      </div>
    </>
  );
}
