import { useEffect, useState } from 'react';
import { m } from '../messages/en.ts';
import { Button } from './button.tsx';
import { ScrollRegion } from './scroll-region.tsx';

/** Copies a text and says that it did. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');

  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), 2500);
    return () => clearTimeout(timer);
  }, [state]);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      // The browser may deny the clipboard: the text is on the page to be selected by hand.
      setState('failed');
    }
  }

  return (
    <Button slim onClick={() => void copy()}>
      <span aria-live="polite">
        {state === 'idle'
          ? (label ?? m.common.copy)
          : state === 'copied'
            ? m.common.copied
            : m.common.copyFailed}
      </span>
    </Button>
  );
}

/** Lines to be copied as they are. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <figure className="overflow-hidden rounded-md border border-line bg-sunken">
      <figcaption className="flex items-center justify-between gap-4 border-b border-line py-1 pr-1 pl-4 text-small text-soft">
        {label}
        <CopyButton text={code} />
      </figcaption>
      <ScrollRegion label={label}>
        <pre className="px-4 py-3 font-mono text-small">{code}</pre>
      </ScrollRegion>
    </figure>
  );
}
