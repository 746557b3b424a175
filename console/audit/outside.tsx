import type { ChangeDetail } from '../api/audit-types.ts';
import { Button } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { Section } from '../design/page.tsx';
import { saveAs } from '../design/save.ts';
import { m } from '../messages/en.ts';

const words = m.audit.one;

/** What somebody needs who believes nothing: proof, entry, who and why, and the lines that check them elsewhere. */
export function Outside({
  change,
  entry,
  checkpoint,
  verifierKey,
  proof,
}: {
  change: ChangeDetail;
  entry: Uint8Array<ArrayBuffer>;
  checkpoint: string;
  verifierKey: string;
  proof: string;
}) {
  const { id } = change;
  const salt = Uint8Array.from(atob(change.salt), (letter) => letter.charCodeAt(0));
  const lines = [
    `node verify.mjs --vkey '${verifierKey}' --proof ${id}.tlog-proof --entry ${id}.entry`,
    `grep -F "$(openssl dgst -sha256 -binary ${id}.said | base64)" ${id}.entry`,
  ].join('\n');
  return (
    <Section title={words.outside} lead={words.outsideLead}>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => saveAs(`${id}.tlog-proof`, [proof])}>{words.saveProof}</Button>
        <Button onClick={() => saveAs(`${id}.entry`, [entry])}>{words.saveEntry}</Button>
        <Button onClick={() => saveAs(`${id}.said`, [salt, change.payload])}>{words.savePayload}</Button>
      </div>
      <CodeBlock code={lines} label={words.outsideLines} />
      <p className="text-soft">
        {words.payloadLead} {words.script}
      </p>
      <CodeBlock code={new TextDecoder().decode(entry)} label={words.entryBytes} />
      <CodeBlock code={checkpoint.trimEnd()} label={words.checkpoint} />
    </Section>
  );
}
