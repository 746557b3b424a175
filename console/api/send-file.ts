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
  const headers = {
    'x-drawbridge-reason': encodeURIComponent(reason),
    'content-type': 'application/octet-stream',
  };
  return send('PUT', path, headers, file, onState, signal);
}

/** Posts something as what it is. `path`: below the API’s base, with its query. */
export function postFile<Answer>(
  path: string,
  file: Blob,
  type: string,
  onState: (state: Sending) => void,
  signal: AbortSignal,
): Promise<Answer> {
  return send('POST', path, { 'content-type': type }, file, onState, signal);
}

/** Posts a large answer to a form, and tells how far it is. */
export function sendJson<Answer>(
  path: string,
  body: object,
  onState: (state: Sending) => void,
  signal: AbortSignal,
): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return send('POST', path, headers, JSON.stringify(body), onState, signal);
}

function send<Answer>(
  method: 'PUT' | 'POST',
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Blob | string,
  onState: (state: Sending) => void,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, `/api/v1${path}`);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('x-drawbridge-csrf', '1');
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
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
    request.send(body);
  });
}
