import { useMutation } from '@tanstack/react-query';
import { write } from '../api/client.ts';
import type { DryRun as Result } from '../api/policy-types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { Facts, Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.policies.dryRun;

/** What a text would have done to the latest real crossings. Asked for, as it looks at thousands. */
export function DryRun({ name, text, ready }: { name: string; text: string; ready: boolean }) {
  const run = useMutation({
    mutationFn: (tried: string) =>
      write<Result>('POST', '/policies/dry-run', { body: { name, text: tried } }).then((result) => ({
        result,
        tried,
      })),
  });
  return (
    <Section
      title={words.title}
      lead={words.lead}
      acts={
        <Button disabled={!ready || run.isPending} onClick={() => run.mutate(text)}>
          {run.data === undefined ? words.run : words.again}
        </Button>
      }
    >
      {run.isPending ? <Bones lines={3} label={words.running} /> : null}
      {run.error ? <Trouble error={run.error} /> : null}
      {run.data === undefined || run.isPending ? null : (
        <div aria-live="polite" className="flex flex-col gap-4">
          {run.data.tried === text ? null : <Note>{words.stale}</Note>}
          <Found result={run.data.result} />
        </div>
      )}
    </Section>
  );
}

function Found({ result }: { result: Result }) {
  if (result.looked === 0 || result.from === null || result.to === null) return <p>{words.none}</p>;
  return (
    <>
      <p className="text-head font-strong">{words.said(result.refused, result.looked)}</p>
      <p className="text-soft">
        {words.between} <Exact at={result.from} /> {words.and} <Exact at={result.to} />.{' '}
        {result.whole ? '' : words.cut}
      </p>
      <Facts
        facts={[
          [words.counts.refused, count(result.refused)],
          [words.counts.refusedAnyway, count(result.refusedAnyway)],
          [words.counts.allowed, count(result.allowed)],
          [
            words.counts.notKnown,
            result.notKnown === 0
              ? '0'
              : `${count(result.notKnown)}: ${words.notKnownFor(result.notKnownFor.join(', '))}`,
          ],
        ]}
      />
      {result.items.length === 0 ? null : (
        <>
          {result.items.length < result.refused ? (
            <p className="text-soft">{words.first(result.items.length)}</p>
          ) : null}
          <div className="max-h-[480px] overflow-y-auto">
            <PlainTable
              label={words.these}
              heads={[words.app, words.connection, words.endpoint]}
              numeric={[words.at]}
            >
              {result.items.map((item) => (
                <tr key={item.id} className="border-b border-line">
                  <td className="px-3 py-2">{item.app.name}</td>
                  <td className="px-3 py-2">{item.connection.name}</td>
                  <td className="px-3 py-2">{item.endpoint}</td>
                  <td className="px-3 py-2 text-right whitespace-nowrap">
                    <TextLink to="/crossings/$crossing" params={{ crossing: item.id }}>
                      <Ago at={item.at} />
                    </TextLink>
                  </td>
                </tr>
              ))}
            </PlainTable>
          </div>
        </>
      )}
    </>
  );
}
