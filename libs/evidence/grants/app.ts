import type { Grade, Traces } from '../trace.ts';

export interface App {
  name: string | undefined;
  clientId: string | undefined;
  scopes: readonly string[];
  grade: Grade;
  line: number;
  at?: number | undefined;
}

const MOST_SCOPES = 100;

/** Tells an app that was granted access: by its name, else by its id. */
export function tellApp(traces: Traces, { name, clientId, scopes, grade, line, at }: App): void {
  const value = plain(name) ?? plain(clientId);
  if (value === undefined) {
    traces.skip(line, 'a grant names no app', 'app');
    return;
  }
  const id = plain(clientId);
  const all = [...new Set(scopes.flatMap((scope) => scope.trim().split(/\s+/)))].filter(
    (scope) => scope !== '',
  );
  if (all.length > MOST_SCOPES) traces.skip(line, `a grant has more than ${MOST_SCOPES} scopes`, 'scope');
  traces.saw({
    kind: 'oauth_app',
    value,
    grade,
    line,
    ...(at === undefined ? {} : { at }),
    detail: {
      ...(id === undefined ? {} : { client_id: id.slice(0, 200) }),
      ...(all.length === 0 ? {} : { scopes: all.sort().slice(0, MOST_SCOPES).join(' ').slice(0, 4000) }),
    },
  });
}

/** Without what would break a line on a screen. */
function plain(text: string | undefined): string | undefined {
  const clean = text
    ?.replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return clean === undefined || clean === '' ? undefined : clean;
}
