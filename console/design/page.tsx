import { type ReactNode, useEffect, useRef } from 'react';
import { useArrival } from './arrive.ts';

/** The frame of every page: the title is the answer, the lead says what it rests on, then one picture, then rows. */
export function PageFrame({
  title,
  lead,
  acts,
  children,
  tab,
}: {
  title: ReactNode;
  /** The short name for the browser's tab. */
  tab: string;
  lead?: ReactNode;
  acts?: ReactNode;
  children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${tab} · Drawbridge`;
  }, [tab]);
  return (
    <div className="flex flex-col gap-8">
      <header className="flex flex-wrap items-start justify-between gap-x-8 gap-y-4">
        <div className="min-w-0 flex-1 basis-[480px]">
          <h1 className="max-w-[30em] text-title font-strong focus-visible:outline-none" tabIndex={-1}>
            {title}
          </h1>
          {lead ? <div className="mt-2 max-w-[72ch] text-soft">{lead}</div> : null}
        </div>
        {acts ? <div className="flex flex-wrap gap-2">{acts}</div> : null}
      </header>
      {children}
    </div>
  );
}

export function Section({
  title,
  lead,
  acts,
  children,
  id,
}: {
  title: string;
  lead?: ReactNode;
  acts?: ReactNode;
  children: ReactNode;
  /** Where an address with this behind `#` leads, also when the part is drawn long after the page. */
  id?: string;
}) {
  const part = useRef<HTMLElement>(null);
  useArrival(part, id);
  return (
    <section ref={part} className="flex flex-col gap-3" aria-label={title} id={id}>
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
        <div>
          <h2 className="text-head font-strong">{title}</h2>
          {lead ? <p className="text-soft">{lead}</p> : null}
        </div>
        {acts ? <div className="flex flex-wrap gap-2">{acts}</div> : null}
      </div>
      {children}
    </section>
  );
}

/** Name and value pairs, as of one thing. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[minmax(110px,max-content)_1fr] gap-x-6 border-t border-line">
      {facts.map(([name, value]) => (
        <div key={name} className="col-span-2 grid grid-cols-subgrid border-b border-line py-2">
          <dt className="text-soft">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
