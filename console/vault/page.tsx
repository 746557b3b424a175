import { useQuery } from '@tanstack/react-query';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { VaultStatus } from '../api/trust-types.ts';
import { PageFrame } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { NotPermitted } from '../people/not-permitted.tsx';
import { Chain } from './chain.tsx';
import { Missing } from './missing.tsx';
import { Readers } from './readers.tsx';
import { Rotation } from './rotation.tsx';
import { isRotating, secretsOf } from './status.ts';

const words = m.vault;
/** A rotation is run by another process, which tells nobody: how often it is looked at, in ms. */
const lookEvery = { rotating: 2_000, resting: 15_000 };

/** Whether what is sealed is safe: which key seals it, who has that key, and how it is replaced. */
export function VaultPage() {
  const mayRead = useMay('vault.read');
  const vault = useQuery({
    ...queries.vault(),
    enabled: mayRead,
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && isRotating(data) ? lookEvery.rotating : lookEvery.resting,
  });
  const warnings = useQuery(queries.session()).data?.warnings ?? [];
  if (!mayRead) return <NotPermitted tab={words.tab} title={m.problem.notPermitted} />;
  const { data } = vault;
  if (data === undefined)
    return (
      <PageFrame tab={words.tab} title={words.tab} lead={words.lead}>
        {vault.error ? (
          <Trouble error={vault.error} onRetry={() => void vault.refetch()} />
        ) : (
          <Bones lines={8} />
        )}
      </PageFrame>
    );
  return (
    <PageFrame tab={words.tab} title={titleOf(data)} lead={words.lead}>
      {data.trouble === null ? null : (
        <Note urgent>
          <p className="font-strong">{data.trouble.text}</p>
          <p>{words.serving}</p>
        </Note>
      )}
      {warnings
        .filter(({ code }) => code === 'keys_beside_data')
        .map(({ code, text }) => (
          <Note key={code} urgent>
            {text}
          </Note>
        ))}
      <Chain status={data} />
      {isRotating(data) ? <Rotation status={data} /> : null}
      <Readers status={data} />
      {isRotating(data) ? null : <Rotation status={data} />}
      <Missing status={data} />
    </PageFrame>
  );
}

function titleOf(status: VaultStatus): string {
  if (status.trouble !== null) return words.titleTrouble;
  return isRotating(status)
    ? words.titleRotating
    : words.title(secretsOf(status), words.wheres[status.source]);
}
