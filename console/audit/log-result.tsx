import { bytes, duration } from '../design/format.ts';
import { Note } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import type { Checking } from './checks.ts';

const words = m.audit;

type Result = NonNullable<Checking['result']>;

/** What verifying came to: what was checked, what is wrong, and what it cannot know. Stays until it is done again. */
export function LogResult({ result }: { result: Result }) {
  const at = new Date(result.at).toISOString();
  const how = (
    <span className="text-small font-normal text-soft">
      <Ago at={at} />, {words.took} {duration(result.ms * 1000)}, {bytes(result.checked.bytes)}
    </span>
  );
  if (result.verdict === 'verified') {
    return (
      <div role="status" className="max-w-[84ch] border-l-3 border-act bg-act-wash px-4 py-3">
        <p className="font-strong">
          {words.verified(result.checkpoint?.size ?? 0)} {how}
        </p>
        <Checked result={result} />
        <Unknown />
      </div>
    );
  }
  return (
    <div role="alert" className="max-w-[84ch]">
      <Note urgent>
        <p className="font-strong">
          {result.verdict === 'wrong' ? words.wrong : words.unfinished} {how}
        </p>
        <ul className="mt-1 flex flex-col gap-1">
          {result.contradiction === null ? null : <li>{words.contradictions[result.contradiction]}</li>}
          {result.findings.map(({ path, text }) => (
            <li key={`${path} ${text}`} className="break-words">
              {text}
            </li>
          ))}
          {result.more > 0 ? <li>{words.more(result.more)}</li> : null}
        </ul>
        {result.verdict === 'wrong' ? <p className="mt-2">{words.wrongDo}</p> : null}
      </Note>
    </div>
  );
}

function Checked({ result }: { result: Result }) {
  const { checked, before } = result;
  return (
    <>
      <p className="mt-2 text-small text-soft">{words.checkedTitle}</p>
      <ul className="list-disc pl-5">
        <li>{words.did.root(checked.entries, checked.bundles)}</li>
        <li>{words.did.tiles(checked.tiles)}</li>
        {result.pruned === 0 ? null : <li>{words.did.pruned(result.pruned)}</li>}
        <li>{words.did.signature}</li>
        <li>
          {before === null ? (
            words.did.first
          ) : (
            <>
              {words.did.before(before.size)} <Ago at={new Date(before.at).toISOString()} />.
            </>
          )}
        </li>
        {result.cosigned.map(({ name, time }) => (
          <li key={name}>
            {words.cosignedBy(name)} <Ago at={new Date(time * 1000).toISOString()} />.
          </li>
        ))}
        {result.cosigners.length === 0 ? null : <li>{words.cosigned(result.cosigners.join(', '))}</li>}
      </ul>
    </>
  );
}

function Unknown() {
  return (
    <>
      <p className="mt-2 text-small text-soft">{words.unknownTitle}</p>
      <ul className="list-disc pl-5">
        {words.unknown.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </>
  );
}
