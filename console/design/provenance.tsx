import { type ComponentProps, lazy, type ReactNode, Suspense, useState } from 'react';
import { m } from '../messages/en.ts';

const MarkPopover = lazy(() =>
  import('./provenance-popover.tsx').then((module) => ({ default: module.MarkPopover })),
);

/** A mark that opens what stands behind it. */
function Mark({
  sign,
  name,
  look,
  label,
  children,
}: {
  sign: string;
  name: string;
  look: string;
  label?: string;
  children: ReactNode;
}) {
  const [asked, ask] = useState(false);
  const button: ComponentProps<'button'> = {
    type: 'button',
    'aria-label': label,
    className: `inline-flex items-center gap-1 rounded-sm underline decoration-dotted decoration-line-strong underline-offset-4 hover:decoration-current ${look}`,
    children: (
      <>
        <span aria-hidden="true">{sign}</span> {name}
      </>
    ),
  };
  if (!asked) return <button {...button} aria-haspopup="dialog" onClick={() => ask(true)} />;
  return (
    <Suspense fallback={<button {...button} />}>
      <MarkPopover trigger={<button {...button} />} label={label}>
        {children}
      </MarkPopover>
    </Suspense>
  );
}

/** The mark of what somebody stated. It opens whose word it is, and of when. */
export function Declared({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Mark sign="○" name={m.provenance.declared} look="text-soft" label={`${m.provenance.declared}: ${label}`}>
      <p className="font-strong">{m.provenance.declaredTitle}</p>
      <p className="mt-1 text-soft">{m.provenance.declaredMeans}</p>
      <div className="mt-3 flex flex-col gap-1 break-words">{children}</div>
    </Mark>
  );
}

/** The mark of where a statement comes from. It opens its evidence. */
export function Observed({ children }: { children: ReactNode }) {
  return (
    <Mark sign="●" name={m.provenance.observed} look="">
      <p className="font-strong">{m.provenance.observedTitle}</p>
      <p className="mt-1 text-soft">{m.provenance.observedMeans}</p>
      <div className="mt-3">{children}</div>
    </Mark>
  );
}
