import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ApiError, read } from '../api/client.ts';
import type { Topic } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import type {
  Campaign,
  Intake,
  Judged,
  Mailbox,
  MessageCounts,
  MessageDetail,
  MessageWebhook,
  Reply,
  Sender,
  SenderReview,
  VendorAddress,
} from './shapes.ts';

type Filters = Readonly<Record<string, string | undefined>>;

const topics = ['messages'] satisfies Topic[];
const rowsPerPage = 200;

const one = <Answer>(path: string) =>
  queryOptions({
    queryKey: [path],
    queryFn: ({ signal }) => read<Answer>(path, undefined, signal),
    meta: { topics },
  });

const pages = <Item>(path: string, query: Filters = {}) =>
  infiniteQueryOptions({
    queryKey: [path, query],
    queryFn: ({ pageParam, signal }) =>
      read<Page<Item>>(path, { ...query, limit: rowsPerPage, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    meta: { topics },
  });

/** How often what runs by itself is looked at while it runs, in milliseconds. */
const whileRunning = 1_000;

/** What the pages of messages ask: apart from the others, as nobody needs it on the first page. */
export const messageQueries = {
  list: (filters: Filters) => pages<Judged>('/messages', filters),
  mine: () => pages<Judged>('/messages', { mine: 'true', order: 'newest' }),
  message: (message: string) => one<MessageDetail>(`/messages/${encodeURIComponent(message)}`),
  /** Asked for by hand alone: reading another's message goes on record. */
  text: (message: string) =>
    queryOptions({
      ...one<{ text: string; cut: boolean }>(`/messages/${encodeURIComponent(message)}/text`),
      meta: {},
      staleTime: Number.POSITIVE_INFINITY,
    }),
  counts: () => one<MessageCounts>('/message-counts'),
  replies: () => one<Page<Reply>>('/message-replies'),
  campaigns: () => pages<Campaign>('/campaigns'),
  campaign: (campaign: string) => one<Campaign>(`/campaigns/${encodeURIComponent(campaign)}`),
  reviews: () => pages<SenderReview>('/sender-reviews'),
  senders: (vendor: string | undefined) => pages<Sender>('/senders', { vendor }),
  rejudging: () =>
    queryOptions({
      ...one<{ total: number; done: number }>('/senders/rejudging'),
      refetchInterval: ({ state: { data } }) =>
        data !== undefined && data.done < data.total ? whileRunning : false,
    }),
  addresses: () => pages<VendorAddress>('/vendor-addresses'),
  /** Null: nobody entered one. */
  dashboard: (vendor: string) => {
    const path = `/vendor-dashboards/${encodeURIComponent(vendor)}`;
    return queryOptions({
      queryKey: [path],
      async queryFn({ signal }) {
        try {
          return await read<{ url: string | null }>(path, undefined, signal);
        } catch (error) {
          if (error instanceof ApiError && error.status === 404) return { url: null };
          throw error;
        }
      },
      meta: { topics },
    });
  },
  intake: () => one<Intake>('/message-intake'),
  mailboxes: () => one<Page<Mailbox>>('/message-mailboxes'),
  webhooks: () => one<Page<MessageWebhook>>('/message-webhooks'),
};
