import type { Issuer } from '../api/trust-types.ts';
import { Button } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { Facts, Section } from '../design/page.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { roleNames } from '../people/words.ts';
import { Permitted } from '../shell/permitted.tsx';
import { useIssuerCheck } from './check.ts';

const words = m.issuers;

/** One issuer: whether it answers, what is believed of it, and the address to be entered there. */
export function One({
  issuer,
  onChange,
  onRemove,
}: {
  issuer: Issuer;
  onChange: () => void;
  onRemove: () => void;
}) {
  const { name, mfa, newRoles } = issuer;
  const proofs = [...mfa.acr.map((value) => `acr ${value}`), ...mfa.amr.map((value) => `amr ${value}`)];
  return (
    <Section
      title={name}
      acts={
        <Permitted action="issuer.change">
          <Button slim aria-label={words.changeNamed(name)} onClick={onChange}>
            {words.change}
          </Button>
          <Button slim weight="danger" aria-label={words.removeNamed(name)} onClick={onRemove}>
            {words.remove}
          </Button>
        </Permitted>
      }
    >
      <Answers issuer={issuer} />
      <Facts
        facts={[
          [words.address, <Mono key="issuer" text={issuer.issuer} />],
          [words.client, <Mono key="client" text={issuer.clientId} />],
          [words.domains, issuer.domains.join(', ')],
          [words.mfa, proofs.length === 0 ? words.mfaNever : words.mfaProved(proofs)],
          [words.newcomers, newRoles === null ? words.newcomersNot : words.newcomersAs(roleNames(newRoles))],
          [words.used, words.usedBy(issuer.people)],
          [
            words.by,
            <span key="by">
              {issuer.createdBy}, <Ago at={issuer.createdAt} />
            </span>,
          ],
        ]}
      />
      <Redirect issuer={issuer} />
    </Section>
  );
}

const Mono = ({ text }: { text: string }) => <span className="font-mono text-small break-all">{text}</span>;

/** What the issuer answers when it is asked now, or what is wrong and what to do. */
function Answers({ issuer }: { issuer: Issuer }) {
  const check = useIssuerCheck(issuer.id);
  const said = check.isFetching ? null : check.data;
  // That it could not be asked says nothing about it.
  if (check.error && !check.isFetching)
    return <Trouble error={check.error} onRetry={() => void check.refetch()} />;
  const again = (
    <Button slim aria-label={words.againNamed(issuer.name)} onClick={() => void check.refetch()}>
      {words.again}
    </Button>
  );
  return (
    <div role="status">
      {said === null ? (
        <p className="text-soft">{words.asking}</p>
      ) : said?.reached === true ? (
        <p className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <span>● {words.reached}</span> {again}
        </p>
      ) : (
        <Note urgent>
          <p className="font-strong">{words.wrong}</p>
          <p className="mb-2">{said?.text}</p>
          {again}
        </Note>
      )}
    </div>
  );
}

/** The address to be entered at the issuer. */
export function Redirect({ issuer: { redirectUri } }: { issuer: Issuer }) {
  const { hostname } = new URL(redirectUri, location.origin);
  const isLocal = hostname === 'localhost' || /^127\./.test(hostname) || hostname === '[::1]';
  return (
    <div className="flex flex-col gap-2">
      <CodeBlock label={words.redirect} code={redirectUri} />
      {isLocal ? <Note>{words.redirectLocal}</Note> : null}
    </div>
  );
}
