import { useNavigate } from '@tanstack/react-router';
import type { Example } from '../api/policy-types.ts';
import { TextField } from '../design/field.tsx';
import { PageFrame } from '../design/page.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { PolicyForm } from './policy-form.tsx';

const words = m.policies.one;

const initial = {
  name: 'my-policy',
  text: `@title("What holds, as a sentence")
forbid (
  principal,
  action == Action::"cross",
  resource
)
unless { resource.vendor.approved };
`,
  examples: [] as readonly Example[],
  reason: '',
};

/** A policy from its first line on. */
export function NewPolicyPage() {
  const navigate = useNavigate();
  const [draft, change, forget] = useDraft('policy.new', initial);
  return (
    <PageFrame tab={words.newTitle} title={words.newTitle} lead={words.newLead}>
      <PolicyForm
        name={draft.name}
        basedOn={null}
        draft={draft}
        onChange={change}
        onSaved={(saved) => {
          forget();
          void navigate({ to: '/policies/$policy', params: { policy: saved.name } });
        }}
        above={
          <TextField
            label={words.name}
            hint={words.nameHint}
            required
            pattern="[a-z][a-z0-9\-]{0,59}"
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        }
      />
    </PageFrame>
  );
}
