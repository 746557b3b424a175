import type { ReactNode } from 'react';
import type { VaultStatus } from '../api/trust-types.ts';
import { Section } from '../design/page.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { isRotating, secretsOf } from './status.ts';

const words = m.vault;

/** Secrets, the data key that seals them, and the key that seals that one: read from left to right. */
export function Chain({ status }: { status: VaultStatus }) {
  return (
    <Section title={words.chain}>
      <ol className="grid items-stretch gap-2 lg:grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)_auto_minmax(0,1.25fr)]">
        <li className="flex">
          <Box name={words.secretsCount(secretsOf(status))}>
            <p className="text-soft">{words.secretsHint}</p>
          </Box>
        </li>
        <Under />
        <li className="flex flex-col gap-2">
          {status.dataKeys.map(({ version, madeAt, rows }) => (
            <Box key={version} name={words.dataKey(version)}>
              <p className="text-soft">
                {words.dataKeyHint}, {words.since} <Ago at={madeAt} />
              </p>
              {status.dataKeys.length > 1 ? <p>{words.secretsCount(rows)}</p> : null}
            </Box>
          ))}
        </li>
        <Under />
        <li className="flex flex-col gap-2">
          {status.keys.map((key) => (
            <Box
              key={key.id}
              name={words.kek(key.id)}
              {...(isRotating(status) && key.id === status.openedWith ? { note: words.inUse } : {})}
            >
              <p className="font-mono text-small break-all">
                {words.sources[key.source]}: {key.label}
              </p>
              <p className="text-soft">
                {words.kekHint}, {words.since} <Ago at={key.madeAt} />
              </p>
            </Box>
          ))}
        </li>
      </ol>
    </Section>
  );
}

function Under() {
  return (
    <li className="flex items-center justify-center gap-1 px-1 text-small text-soft lg:flex-col">
      {words.sealedUnder}
      <span aria-hidden="true" className="text-head max-lg:rotate-90">
        →
      </span>
    </li>
  );
}

function Box({ name, note, children }: { name: string; note?: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1 rounded-md border border-line-strong bg-panel px-4 py-3">
      <p className="font-strong">
        {name}
        {note === undefined ? null : <span className="font-normal text-soft"> ({note})</span>}
      </p>
      {children}
    </div>
  );
}
