import type { ShownLink } from '../api/identity-types.ts';
import { Button } from '../design/button.tsx';
import { CopyButton } from '../design/copy.tsx';
import { Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.people;

/** A link in the one moment in which it can be read. Its token stands behind `#`, and reaches no server's log. */
export function LinkToGive({ link, onDone }: { link: ShownLink; onDone: () => void }) {
  const address = `${location.origin}/sign-in#token=${encodeURIComponent(link.token)}`;
  return (
    <div className="flex flex-col gap-4">
      <p>{words.linkLead}</p>
      <code className="rounded-md border border-line-strong bg-sunken px-3 py-2 font-mono text-small break-all">
        {address}
      </code>
      <p className="text-soft">
        {words.linkEnds} <Exact at={link.expiresAt} />.
      </p>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={address} label={words.linkCopy} />
        <Button slim onClick={onDone}>
          {words.linkDone}
        </Button>
      </div>
    </div>
  );
}
