import { TextLink } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { m } from '../messages/en.ts';

export function MissingPage() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-[640px] flex-col justify-center px-6 py-12">
      <PageFrame title={m.missing.title} tab={m.missing.tab} lead={m.missing.lead}>
        <p>
          <TextLink to="/">{m.missing.back}</TextLink>
        </p>
      </PageFrame>
    </main>
  );
}
