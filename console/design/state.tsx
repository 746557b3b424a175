import type { ReactNode } from 'react';
import { ApiError, NotConfirmedError, UnreachableError } from '../api/client.ts';
import { m } from '../messages/en.ts';
import { Button, TextLink } from './button.tsx';

/** Grey lines in the place of what is coming: the page keeps its shape. */
export function Bones({ lines = 4, label }: { lines?: number; label?: string }) {
  return (
    <div role="status" aria-label={label ?? m.common.loading} className="flex flex-col gap-4">
      {Array.from({ length: lines }, (_, line) => `line-${line}`).map((line, index) => (
        <div key={line} className="skeleton h-5" style={{ width: `${88 - ((index * 23) % 47)}%` }} />
      ))}
    </div>
  );
}

function whatToDo(error: unknown): { title: string; detail: string } {
  if (error instanceof UnreachableError) return m.problem.unreachable;
  if (error instanceof ApiError) {
    if (error.code === 'not_permitted') return { title: m.problem.notPermitted, detail: error.message };
    if (error.status === 404) return { title: m.problem.missing, detail: error.message };
    return { title: error.title, detail: error.message };
  }
  return m.problem.unexpected;
}

/** What went wrong and what to do about it. */
export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  // They chose not to: that is no failure.
  if (error instanceof NotConfirmedError) {
    return (
      <div role="status">
        <Note>
          <p className="font-strong">{m.factors.stepUp.notDone}</p>
          <p>{m.factors.stepUp.notDoneWhy}</p>
        </Note>
      </div>
    );
  }
  // Nothing failed: it waits.
  if (error instanceof ApiError && error.code === 'approval_needed') {
    return (
      <div role="status">
        <Note>
          <p className="font-strong">{m.problem.secondPerson}</p>
          <p>
            {error.message}{' '}
            <TextLink to="/approvals" search={error.approval === null ? {} : { of: error.approval }}>
              {m.problem.secondPersonLink}
            </TextLink>
          </p>
        </Note>
      </div>
    );
  }
  const { title, detail } = whatToDo(error);
  return (
    <div role="alert" className="max-w-[72ch] border-l-3 border-alert bg-alert-wash px-4 py-3">
      <p className="font-strong">{title}</p>
      <p>{detail}</p>
      {onRetry ? (
        <div className="mt-3">
          <Button slim onClick={onRetry}>
            {m.common.tryAgain}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** Nothing here yet: what it will show, one real example, one button. */
export function Empty({
  title,
  children,
  example,
  act,
}: {
  title: string;
  children?: ReactNode;
  example?: ReactNode;
  act?: ReactNode;
}) {
  return (
    <div className="flex max-w-[760px] flex-col gap-4 rounded-md border border-dashed border-line-strong px-6 py-6">
      <div>
        <h2 className="text-head font-strong">{title}</h2>
        {children ? <div className="mt-1 max-w-[64ch] text-soft">{children}</div> : null}
      </div>
      {example ? (
        <figure className="flex flex-col gap-2">
          <figcaption className="text-small text-soft">{m.common.example}</figcaption>
          {example}
        </figure>
      ) : null}
      {act ? <div>{act}</div> : null}
    </div>
  );
}

/** A sentence that matters, without being an error. */
export function Note({ children, urgent }: { children: ReactNode; urgent?: boolean }) {
  const look = urgent ? 'border-alert bg-alert-wash' : 'border-line-strong bg-sunken';
  return <div className={`max-w-[72ch] border-l-3 px-4 py-2 ${look}`}>{children}</div>;
}
