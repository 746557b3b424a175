import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { queries } from '../api/queries.ts';
import { product } from '../shell/product.ts';

/** Around what is seen before anything opens: whose deployment this is, and one narrow column, also on a phone. */
export function Entry({ children }: { children: ReactNode }) {
  const session = useQuery(queries.session());
  const name = session.data?.deployment.name;
  return (
    <div className="mx-auto flex min-h-dvh max-w-[464px] flex-col gap-8 px-6 py-8 sm:justify-center sm:py-16">
      <header className="flex items-baseline justify-between gap-4 border-b border-line pb-3">
        <p className="text-head font-strong">{product}</p>
        <p className="truncate text-soft">{name === product ? '' : name}</p>
      </header>
      <main className="flex flex-col gap-6">{children}</main>
    </div>
  );
}

/** Heading and lead of one such page. The heading takes the focus when a step gives way to the next. */
export function EntryTitle({ title, lead }: { title: string; lead?: ReactNode }) {
  return (
    <div className="flex flex-col gap-2">
      <h1 className="text-title font-strong focus-visible:outline-none" tabIndex={-1}>
        {title}
      </h1>
      {lead ? <div className="text-soft">{lead}</div> : null}
    </div>
  );
}
