import type { VaultStatus } from '../api/trust-types.ts';
import { TextLink } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { Section } from '../design/page.tsx';
import { Note } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { Permitted } from '../shell/permitted.tsx';
import { isRotating, newestDataKey, newestKey, secretsOf } from './status.ts';

const words = m.vault;
const command = (more: string): string => `npm run drawbridge -- vault rotate-kek${more}`;

/** When the key was last replaced, how far a replacement is that is under way, and what to do next. */
export function Rotation({ status }: { status: VaultStatus }) {
  const [key, dataKey] = [newestKey(status), newestDataKey(status)];
  const age = isRotating(status) ? words.ageNew : key?.id === 1 ? words.ageNever : words.ageAt;
  return (
    <Section title={words.rotation}>
      <p>
        {age} <Ago at={key?.madeAt} />. {words.dataAge(dataKey?.version ?? 1)} <Ago at={dataKey?.madeAt} />.
      </p>
      {isRotating(status) ? <UnderWay status={status} /> : <How source={status.source} />}
    </Section>
  );
}

function UnderWay({ status }: { status: VaultStatus }) {
  const [total, done] = [secretsOf(status), newestDataKey(status)?.rows ?? 0];
  const key = newestKey(status);
  const isOpenedWithNew = status.openedWith === key?.id;
  const isOtherSource = key !== undefined && key.source !== status.keys[0]?.source;
  // As it was given: rows are wrapped anew only where a new data key was asked for.
  const more = `${isOtherSource ? ` --to ${key.source}` : ''} --data-key`;
  return (
    <div className="flex flex-col gap-4">
      {status.dataKeys.length > 1 ? <Progress done={done} total={total} /> : null}
      <p className="max-w-[72ch]">
        {words.both} {done < total ? words.resume : null}
      </p>
      {done < total ? (
        <CodeBlock label={words.resumeLabel} code={command(more)} />
      ) : (
        <>
          <Note urgent={!isOpenedWithNew}>
            {isOpenedWithNew ? words.nextFinish : words.nextSource(key?.source ?? '')}
          </Note>
          <CodeBlock label={words.commands.finish} code={command(' --finish')} />
        </>
      )}
    </div>
  );
}

function Progress({ done, total }: { done: number; total: number }) {
  return (
    <div className="flex max-w-[480px] flex-col gap-1">
      <progress aria-label={words.progress} value={done} max={Math.max(total, 1)} className="progress" />
      <p role="status" className="text-small text-soft">
        {words.underWay(done, total)}
      </p>
    </div>
  );
}

function How({ source }: { source: VaultStatus['source'] }) {
  return (
    <>
      <p className="max-w-[72ch]">{words.how}</p>
      <div className="grid gap-3 lg:grid-cols-2">
        <CodeBlock label={words.commands.same} code={command('')} />
        <CodeBlock label={words.commands.data} code={command(' --data-key')} />
        {source === 'aws-kms' ? null : (
          <CodeBlock label={words.commands.other} code={command(' --to aws-kms')} />
        )}
        <CodeBlock label={words.commands.finish} code={command(' --finish')} />
      </div>
      <p className="max-w-[72ch]">
        {words.when}{' '}
        <Permitted action="rotation.read">
          <TextLink to="/rotation">{words.whenLink}</TextLink>.
        </Permitted>
      </p>
    </>
  );
}
