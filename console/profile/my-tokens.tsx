import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { ApiToken } from '../api/token-types.ts';
import { Button } from '../design/button.tsx';
import { FormActs } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { TokenList } from './token-list.tsx';

const words = m.tokens;

/** One's own API tokens, with their last use; each is revoked at once. */
export function MyTokens({ onMake }: { onMake: () => void }) {
  const tokens = useQuery(queries.myTokens());
  const [revoked, setRevoked] = useState<ApiToken | null>(null);
  const items = tokens.data?.items;
  return (
    <Section
      title={words.title}
      lead={words.lead}
      acts={
        <Button slim onClick={onMake}>
          {words.make}
        </Button>
      }
    >
      {tokens.error ? <Trouble error={tokens.error} onRetry={() => void tokens.refetch()} /> : null}
      {items === undefined && !tokens.error ? <Bones lines={2} /> : null}
      {items?.length === 0 ? <p className="text-soft">{words.none}</p> : null}
      {items === undefined || items.length === 0 ? null : <TokenList tokens={items} onRevoke={setRevoked} />}
      {revoked === null ? null : (
        <RevokeToken
          token={revoked}
          path={`/tokens/${encodeURIComponent(revoked.id)}`}
          onClose={() => setRevoked(null)}
          onDone={async () => {
            setRevoked(null);
            await tokens.refetch();
          }}
        />
      )}
    </Section>
  );
}

function RevokeToken({
  token,
  path,
  onClose,
  onDone,
}: {
  token: ApiToken;
  path: string;
  onClose: () => void;
  onDone: () => Promise<void>;
}) {
  const revoke = useMutation({
    mutationFn: () => write<null>('DELETE', path, { reason: words.revokeOne(token.name) }),
    onSuccess: onDone,
  });
  return (
    <Sheet open onClose={onClose} title={words.revokeOne(token.name)}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          revoke.mutate();
        }}
      >
        <p>{words.revokeText}</p>
        <FormActs error={revoke.error} weight="danger" disabled={revoke.isPending} onCancel={onClose}>
          {words.revoke}
        </FormActs>
      </form>
    </Sheet>
  );
}
