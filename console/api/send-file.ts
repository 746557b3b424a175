import { ApiError, UnreachableError } from './client.ts';

/** How far a file is that is being sent: bytes that went out, or all of them. */
export type Sending = { at: 'sending'; sent: number } | { at: 'reading' };

/** Puts a file as it is. Only an XMLHttpRequest tells how far it is. `path`: below the API’s base, with its query. */
export function sendFile<Answer>(
  path: string,
  file: File,
  reason: string,
  onState: (state: Sending) => void,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', `/api/v1${path}`);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('x-drawbridge-csrf', '1');
    request.setRequestHeader('x-drawbridge-reason', encodeURIComponent(reason));
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded }) => onState({ at: 'sending', sent: loaded });
    request.upload.onload = () => onState({ at: 'reading' });
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as Answer);
      else reject(new ApiError(request.status, request.response ?? {}));
    };
    request.onerror = () => reject(new UnreachableError(null));
    request.onabort = () => reject(new DOMException('It was stopped.', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    onState({ at: 'sending', sent: 0 });
    request.send(file);
  });
}
