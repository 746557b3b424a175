import type { ApiToken } from '../api/token-types.ts';
import { Button } from '../design/button.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.tokens;

/** API tokens with their last use; what ended within a month stands below, grey. */
export function TokenList({
  tokens,
  onRevoke,
}: {
  tokens: readonly ApiToken[];
  onRevoke?: (token: ApiToken) => void;
}) {
  return (
    <ul aria-label={words.title} className="border-t border-line">
      {tokens.map((token) => {
        const works = token.state === 'works';
        return (
          <li
            key={token.id}
            className={`flex items-center justify-between gap-6 border-b border-line py-2 ${works ? '' : 'text-soft'}`}
          >
            <div className="min-w-0">
              <p className="break-words">
                <span className="font-strong">{token.name}</span> {words.states[token.state]}
              </p>
              <p className="text-small text-soft">
                <span title={token.actions.join(', ')}>{words.acts(token.actions.length)}</span> ·{' '}
                {words.used} <Ago at={token.lastUsedAt} />
                {token.lastUsedAddress === null ? null : ` ${words.from(token.lastUsedAddress)}`} ·{' '}
                {works ? words.ends : words.ended} <Ago at={token.revokedAt ?? token.expiresAt} />
              </p>
            </div>
            {works && onRevoke !== undefined ? (
              <Button slim aria-label={words.revokeOne(token.name)} onClick={() => onRevoke(token)}>
                {words.revoke}
              </Button>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}
