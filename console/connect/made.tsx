import type { Connection } from '../api/types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { Note } from '../design/state.tsx';
import { m } from '../messages/en.ts';

const words = m.connect.made;

/** A try that stopped half way: what is there already, where it is changed, and what is left to do. */
export function Made({ connection, onAnew }: { connection: Connection; onAnew: () => void }) {
  const { id, name, upstream, contract, credential } = connection;
  return (
    <Note urgent>
      <p className="font-strong">{words.title(name)}</p>
      <p>
        {words.what(upstream.host, contract.version, credential !== null)} {words.left}
      </p>
      <p>
        <TextLink to="/connections/$connection" params={{ connection: id }}>
          {words.open(name)}
        </TextLink>
      </p>
      <div className="mt-3">
        <Button slim onClick={onAnew}>
          {words.anew}
        </Button>
      </div>
    </Note>
  );
}
