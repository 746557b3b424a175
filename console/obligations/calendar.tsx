import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useAttempt } from '../api/attempt.ts';
import { write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { obligations } from '../messages/pages/obligations.ts';

const words = obligations.calendar;

/** Addresses for calendar programs: made once, shown once, ended here. */
export function Calendars() {
  const client = useQueryClient();
  const attempt = useAttempt();
  const { data, error, refetch } = useQuery(queries.clockFeeds());
  const make = useMutation({
    mutationFn: () =>
      write<{ id: string; url: string }>('POST', '/clocks/feeds', {
        body: {},
        idempotencyKey: attempt.key(),
      }),
    onSuccess: () => {
      attempt.answered();
      return client.invalidateQueries();
    },
    onError: attempt.answered,
  });
  const end = useMutation({
    mutationFn: (id: string) =>
      write<object>('DELETE', `/clocks/feeds/${encodeURIComponent(id)}`, { reason: words.endReason }),
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <Section
      title={words.title}
      lead={words.lead}
      acts={
        <Button slim disabled={make.isPending} onClick={() => make.mutate()}>
          {words.make}
        </Button>
      }
    >
      {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {make.error ? <Trouble error={make.error} /> : null}
      {end.error ? <Trouble error={end.error} /> : null}
      {make.data === undefined ? null : (
        <div role="status" className="flex flex-col gap-2">
          <Note>{words.once}</Note>
          <CodeBlock code={make.data.url} label={words.address} />
        </div>
      )}
      {data === undefined && !error ? <Bones lines={1} /> : null}
      {data?.items.length === 0 ? <p className="text-soft">{words.none}</p> : null}
      {data !== undefined && data.items.length > 0 ? (
        <PlainTable label={words.table} heads={[...words.heads, words.acts]}>
          {data.items.map(({ id, madeAt, lastReadAt }, index) => (
            <tr key={id} className="border-b border-line">
              <td className="px-3 py-2">
                <Ago at={madeAt} />
              </td>
              <td className="px-3 py-2">{lastReadAt === null ? words.never : <Ago at={lastReadAt} />}</td>
              <td className="px-3 py-1">
                <Button
                  slim
                  aria-label={words.endNamed(index + 1)}
                  disabled={end.isPending}
                  onClick={() => end.mutate(id)}
                >
                  {words.end}
                </Button>
              </td>
            </tr>
          ))}
        </PlainTable>
      ) : null}
    </Section>
  );
}
