import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { readBytes } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import type { Incident, IncidentAttachment } from '../../api/room-types.ts';
import { Button, TextButton } from '../../design/button.tsx';
import { bytes } from '../../design/format.ts';
import { Section } from '../../design/page.tsx';
import { saveAs } from '../../design/save.ts';
import { Bones, Trouble } from '../../design/state.tsx';
import { Exact } from '../../design/time.tsx';
import { incidents } from '../../messages/pages/incidents.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { EntrySheet } from '../entry.tsx';

const words = incidents.files;
/** Bytes: the largest file that is kept. */
const LARGEST = 25 * 1024 * 1024;

/** Files that were kept, each downloaded by its name, which is recorded. */
export function Attachments({ incident }: { incident: Incident }) {
  const [adding, setAdding] = useState(false);
  const files = useInfiniteQuery(queries.incidentFiles(incident.id));
  const rows = files.data?.pages.flatMap(({ items }) => items);
  const download = useMutation({
    mutationFn: async ({ n, name }: IncidentAttachment) => {
      const path = `/incidents/${incident.id}/attachments/${n}`;
      const content = await readBytes(path, LARGEST, new AbortController().signal);
      if (content !== null) saveAs(name, [new Uint8Array(content)]);
    },
  });
  return (
    <Section
      title={incidents.one.tabNames.files}
      lead={words.lead}
      acts={
        <Permitted action="incident.work">
          <Button weight="main" onClick={() => setAdding(true)}>
            {words.add}
          </Button>
        </Permitted>
      }
    >
      {rows === undefined ? (
        files.error === null ? (
          <Bones lines={3} />
        ) : (
          <Trouble error={files.error} onRetry={() => void files.refetch()} />
        )
      ) : rows.length === 0 ? (
        <p className="text-soft">{words.none}</p>
      ) : (
        <ul>
          {rows.map((file) => (
            <li key={file.n} className="flex flex-col items-start border-t border-line py-2">
              <TextButton disabled={download.isPending} onClick={() => download.mutate(file)}>
                {file.name}
              </TextButton>
              <span className="text-small text-soft">
                {bytes(file.bytes)}, {file.by}, <Exact at={file.at} />
              </span>
              <span className="max-w-full font-mono text-small break-all text-soft">
                {words.hash} {file.hash}
              </span>
            </li>
          ))}
        </ul>
      )}
      {files.hasNextPage ? (
        <TextButton disabled={files.isFetchingNextPage} onClick={() => void files.fetchNextPage()}>
          {incidents.more}
        </TextButton>
      ) : null}
      {download.error ? <Trouble error={download.error} /> : null}
      {adding ? (
        <EntrySheet
          title={words.add}
          draftName={`incident.${incident.id}.file`}
          fields={[{ name: 'file', label: words.file, kind: 'file', required: true, error: 'name' }]}
          withReason
          call={(_, file) => ({
            path: `/incidents/${incident.id}/attachments?name=${encodeURIComponent(file?.name ?? '')}`,
            body: {},
          })}
          onClose={() => setAdding(false)}
        />
      ) : null}
    </Section>
  );
}
