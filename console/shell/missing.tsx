import { TextLink } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { m } from '../messages/en.ts';

export function MissingPage() {
  return (
    <PageFrame title={m.missing.title} tab={m.missing.tab} lead={m.missing.lead}>
      <p>
        <TextLink to="/">{m.missing.back}</TextLink>
      </p>
    </PageFrame>
  );
}
