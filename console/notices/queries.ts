import { queryOptions } from '@tanstack/react-query';
import { read } from '../api/client.ts';
import type {
  Breach,
  FactSheet,
  FactSheetVersion,
  MailServer,
  Notice,
  NoticeOrganisation,
  NoticeRow,
  NoticeTemplate,
} from '../api/notice-types.ts';
import type { Topic } from '../api/queries.ts';

/** What these pages ask: apart from the others, as nobody needs it on the first page. */
const one = <Answer>(path: string, topics: readonly Topic[] = ['incidents']) =>
  queryOptions({
    queryKey: [path],
    queryFn: ({ signal }) => read<Answer>(path, undefined, signal),
    meta: { topics },
  });
const id = encodeURIComponent;

export const noticeQueries = {
  /** Of the incident what these pages need of it. */
  incident: (incident: string) =>
    queryOptions({
      ...one<{ number: number; title: string; drill: boolean }>(`/incidents/${id(incident)}`),
      queryKey: [`/incidents/${id(incident)}`, 'for notices'],
    }),
  sheet: (incident: string) => one<FactSheet>(`/incidents/${id(incident)}/fact-sheet`),
  versions: (incident: string) =>
    one<{ items: FactSheetVersion[] }>(`/incidents/${id(incident)}/fact-sheet/versions`),
  templates: () => one<{ items: NoticeTemplate[] }>('/notice-templates', []),
  list: (incident: string) => one<{ items: NoticeRow[] }>(`/incidents/${id(incident)}/notices`),
  notice: (incident: string, notice: string) =>
    queryOptions({
      ...one<Notice>(`/incidents/${id(incident)}/notices/${id(notice)}`),
      // Progress is not told of line by line.
      refetchInterval: ({ state }) => (state.data?.state === 'sending' ? 2_000 : false),
    }),
  drill: (incident: string) =>
    one<{ recipients: { address: string; name: string | null }[] }>(
      `/incidents/${id(incident)}/drill-recipients`,
    ),
  breach: (incident: string) => one<Breach>(`/incidents/${id(incident)}/breach`),
  breaches: () =>
    queryOptions({
      queryKey: ['/breach-register'],
      async queryFn({ signal }) {
        const items: Breach[] = [];
        for (let cursor: string | undefined; ; ) {
          const page: { items: Breach[]; next: string | null } = await read(
            '/breach-register',
            { limit: 100, cursor },
            signal,
          );
          items.push(...page.items);
          if (page.next === null) return items;
          cursor = page.next;
        }
      },
      meta: { topics: ['incidents'] satisfies Topic[] },
    }),
  mailServer: () => one<{ server: MailServer | null }>('/organisation/mail-server', []),
  organisation: () => one<NoticeOrganisation>('/organisation/notices', []),
};
