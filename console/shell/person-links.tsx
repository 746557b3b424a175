import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { m } from '../messages/en.ts';
import { Permitted } from './permitted.tsx';
import { useSignOut } from './sign-out.ts';

/** Who is signed in: the way to their own factors and sessions, and out. */
export function PersonLinks() {
  const session = useQuery(queries.session());
  const signOut = useSignOut();
  const name = session.data?.actor?.name;
  if (name === undefined) return null;
  return (
    <div className="flex flex-col gap-1 border-b border-line pb-3">
      <Link
        to="/profile"
        title={m.rail.profile}
        className="truncate font-strong text-ink no-underline hover:underline aria-[current=page]:underline"
      >
        {name}
        <span className="sr-only">, {m.rail.profile}</span>
      </Link>
      <Permitted action="key.write" own="own">
        <Link
          to="/my-keys"
          className="flex min-h-6 items-center self-start no-underline hover:text-ink hover:underline aria-[current=page]:underline"
        >
          {m.rail.myKeys}
        </Link>
      </Permitted>
      <button
        type="button"
        className="min-h-6 self-start text-left hover:text-ink"
        disabled={signOut.isPending}
        onClick={(event) => {
          // The sheet around it stays open, to say when it failed.
          event.stopPropagation();
          signOut.mutate();
        }}
      >
        {m.settings.signOut}
      </button>
      {signOut.error ? (
        <p role="alert" className="text-alert">
          {m.settings.stillSignedIn}
        </p>
      ) : null}
    </div>
  );
}
