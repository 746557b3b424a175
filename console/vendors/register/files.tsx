import { useMutation } from '@tanstack/react-query';
import { readBytes } from '../../api/client.ts';
import type { Statement } from '../../api/register-types.ts';
import { TextButton } from '../../design/button.tsx';
import { bytes } from '../../design/format.ts';
import { saveAs } from '../../design/save.ts';
import { Trouble } from '../../design/state.tsx';

/** Bytes: the largest file that is kept. */
const LARGEST = 25 * 1024 * 1024;

/** Files of one thing; each is downloaded by its name, which is recorded. */
export function Files({ files }: { files: Statement['files'] }) {
  const download = useMutation({
    mutationFn: async ({ hash, name }: { hash: string; name: string }) => {
      const path = `/blobs/${hash}?name=${encodeURIComponent(name)}`;
      const content = await readBytes(path, LARGEST, new AbortController().signal);
      if (content !== null) saveAs(name, [new Uint8Array(content)]);
    },
  });
  if (files.length === 0) return null;
  return (
    <ul>
      {files.map((file) => (
        <li key={file.hash} title={`SHA-256 ${file.hash}`}>
          <TextButton disabled={download.isPending} onClick={() => download.mutate(file)}>
            {file.name}
          </TextButton>{' '}
          <span className="text-small text-soft">{bytes(file.bytes)}</span>
        </li>
      ))}
      {download.error ? (
        <li>
          <Trouble error={download.error} />
        </li>
      ) : null}
    </ul>
  );
}
