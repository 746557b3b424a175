import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { VendorPosture } from '../api/account-types.ts';
import { write } from '../api/client.ts';
import { Button } from '../design/button.tsx';
import { Facts, Section } from '../design/page.tsx';
import { Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.accounts;

/** What people stated of a vendor that does not export how its accounts are guarded, and ways to state it anew. */
export function Statements({
  posture: { vendor, rule, attestation },
  onAct,
}: {
  posture: VendorPosture;
  onAct: (act: 'rule' | 'attest') => void;
}) {
  const client = useQueryClient();
  const takeBack = useMutation({
    mutationFn: (what: 'rule' | 'attestation') =>
      what === 'rule'
        ? write('DELETE', `/accounts/${encodeURIComponent(vendor)}/sign-in-rule`, {
            reason: words.reasonRemoveRule,
          })
        : write('POST', `/attestations/${encodeURIComponent(attestation?.id ?? '')}/withdraw`, {
            reason: words.reasonWithdraw,
          }),
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <Section title={words.rests}>
      <Facts
        facts={[
          [
            words.rule,
            <div key="rule" className="flex flex-wrap items-center justify-between gap-3">
              {rule === null ? (
                <span className="max-w-[64ch] text-soft">{words.ruleNone}</span>
              ) : (
                <span className="max-w-[64ch]">
                  {words.ruleIs(rule.provider, rule.statedBy)} <Ago at={rule.statedAt} />: {rule.source}
                </span>
              )}
              <span className="flex gap-2">
                <Button slim onClick={() => onAct('rule')}>
                  {words.ruleSet}
                </Button>
                {rule === null ? null : (
                  <Button slim disabled={takeBack.isPending} onClick={() => takeBack.mutate('rule')}>
                    {words.ruleRemove}
                  </Button>
                )}
              </span>
            </div>,
          ],
          [
            words.attestation,
            <div key="attestation" className="flex flex-wrap items-center justify-between gap-3">
              {attestation === null ? (
                <span className="max-w-[64ch] text-soft">{words.attestationNone}</span>
              ) : (
                <span className="max-w-[64ch]">
                  {words.attestationIs(words.levels[attestation.level], attestation.statedBy)} (
                  <Exact at={attestation.seenAt} />, {words.expires} <Exact at={attestation.expiresAt} />
                  ): {attestation.statement}
                  {attestation.expired ? <span className="block text-alert">{words.expired}</span> : null}
                  <span className="block truncate font-mono text-small text-soft">
                    SHA-256 {attestation.evidence}
                  </span>
                </span>
              )}
              <span className="flex gap-2">
                <Button slim onClick={() => onAct('attest')}>
                  {words.attest}
                </Button>
                {attestation === null ? null : (
                  <Button slim disabled={takeBack.isPending} onClick={() => takeBack.mutate('attestation')}>
                    {words.withdraw}
                  </Button>
                )}
              </span>
            </div>,
          ],
        ]}
      />
      {takeBack.error ? <Trouble error={takeBack.error} /> : null}
    </Section>
  );
}
