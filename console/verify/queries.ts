import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { read } from '../api/client.ts';
import type { Topic } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import type {
  Campaign,
  Dashboard,
  Intake,
  Judged,
  Mailbox,
  MessageCounts,
  MessageDetail,
  MessageWebhook,
  Rejudged,
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

/** Whether messages are being judged again right now. */
export const isRunning = (one: Rejudged | undefined): boolean =>
  one !== undefined && one.begunAt !== null && one.endedAt === null;

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
  reviews: () => pages<SenderReview>('/sender-reviews', { state: 'open' }),
  senders: (vendor: string | undefined) => pages<Sender>('/senders', { vendor }),
  rejudging: () =>
    queryOptions({
      ...one<{ rejudging: Rejudged }>('/senders/rejudging'),
      refetchInterval: ({ state: { data } }) => (isRunning(data?.rejudging) ? whileRunning : false),
    }),
  addresses: () => pages<VendorAddress>('/vendor-addresses'),
  dashboard: (vendor: string) => one<Dashboard>(`/vendor-dashboards/${encodeURIComponent(vendor)}`),
  intake: () => one<Intake>('/message-intake'),
  mailboxes: () => one<Page<Mailbox>>('/message-mailboxes'),
  webhooks: () => one<Page<MessageWebhook>>('/message-webhooks'),
};
