import { type ReactNode, useMemo } from 'react';
import { Section } from '../design/page.tsx';
import { Note } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import type { KnownLog } from './checking.ts';
import { type LitPath, lightPath } from './entry-checking.ts';
import { ProofTree } from './tree.tsx';

const words = m.audit.one;

/** The way from an entry to the signed root; a text says why there is none. */
export function useWay(proof: string, entry: string, log: KnownLog): LitPath | string {
  return useMemo(() => {
    try {
      return lightPath(proof, entry, log);
    } catch (error) {
      // Whatever is wrong with what came is said in the place of the picture.
      return error instanceof Error ? error.message : String(error);
    }
  }, [proof, entry, log]);
}

/** The picture of the way, or an alarm in its place. */
export function Way({ way, broken, acts }: { way: LitPath | string; broken: string; acts?: ReactNode }) {
  const alarm =
    typeof way === 'string' || !way.fits ? (
      <div role="alert">
        <Note urgent>
          <p className="font-strong">{broken}</p>
          {typeof way === 'string' ? <p>{way}</p> : null}
        </Note>
      </div>
    ) : null;
  return (
    <Section
      title={words.proof}
      lead={typeof way === 'string' ? undefined : words.proofLead(way.index, way.size)}
      acts={acts}
    >
      {alarm}
      {typeof way === 'string' ? null : <ProofTree lit={way} />}
    </Section>
  );
}
