import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { CrossingDetail } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { Bones } from '../design/state.tsx';
import { m } from '../messages/en.ts';

const words = m.crossings.proof;

// What verifies is loaded when somebody looks at a proof.
const CrossingProof = lazy(async () => {
  const { CrossingProof: component } = await import('../audit/crossing-proof.tsx');
  return { default: component };
});

type Part = 'leaf' | 'settlement';

/** The proof, once it is asked for. Which of the two records is shown stands in the address. */
export function ShownProof({ crossing }: { crossing: CrossingDetail }) {
  const { proof } = useSearch({ from: '/signed-in/crossings/$crossing' });
  const navigate = useNavigate({ from: '/crossings/$crossing' });
  const part: Part | null = proof === 'settlement' ? 'settlement' : proof === undefined ? null : 'leaf';
  const show = (next: Part): void =>
    void navigate({
      search: (previous) => ({ ...previous, proof: next }),
      replace: true,
      resetScroll: false,
    });
  if (part === null) {
    return (
      <Section
        title={m.audit.one.proof}
        lead={words.lead}
        acts={<Button onClick={() => show('leaf')}>{words.show}</Button>}
      >
        {null}
      </Section>
    );
  }
  const acts = (['leaf', 'settlement'] as const).map((name) => (
    <Button
      key={name}
      weight={name === part ? 'plain' : 'quiet'}
      aria-pressed={name === part}
      onClick={() => show(name)}
    >
      {words.parts[name]}
    </Button>
  ));
  return (
    <Suspense
      fallback={
        <Section title={m.audit.one.proof} acts={acts}>
          <Bones lines={6} />
        </Section>
      }
    >
      <CrossingProof crossing={crossing} part={part} acts={acts} />
    </Suspense>
  );
}
