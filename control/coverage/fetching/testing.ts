import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

const DAY_S = 86_400;

/** What is asked of a stand-in, in its parts. */
export interface Asked {
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
}
type Answer = (asked: Asked, response: ServerResponse) => boolean;

/**
 * A vendor that gives reports of use as OpenAI and Anthropic do, page by page: pages hold as many days as were asked for. Each day has
 * as many requests as `requestsOn` says, of two keys. `instead` may answer in place of it.
 */
export class UsageVendor {
  readonly asked: Asked[] = [];
  credential: string;
  requestsOn: (day: string) => number = () => 10;
  instead: Answer = () => false;
  readonly #server: Server;
  port = 0;

  constructor(credential: string) {
    this.credential = credential;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
  }
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
  reset(): void {
    this.asked.length = 0;
    this.requestsOn = () => 10;
    this.instead = () => false;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://vendor.test');
    const asked = { path: url.pathname, query: url.searchParams, headers: request.headers };
    this.asked.push(asked);
    response.setHeader('content-type', 'application/json');
    if (this.instead(asked, response)) return;
    const isAnthropic = url.pathname.startsWith('/v1/organizations/');
    const said = isAnthropic
      ? request.headers['x-api-key']
      : request.headers.authorization?.slice('Bearer '.length);
    if (said !== this.credential) {
      response.writeHead(401).end(JSON.stringify({ error: { message: `no such key: ${said}` } }));
      return;
    }
    const page = this.#page(asked.path, asked.query, isAnthropic);
    response.end(JSON.stringify(page));
  }

  #page(path: string, query: URLSearchParams, isAnthropic: boolean): object {
    const of = path.split('/').at(-1) ?? '';
    const number = (name: string) => Number(query.get(name));
    const iso = (name: string) => Math.floor(Date.parse(query.get(name) ?? '') / 1000);
    const first = isAnthropic ? iso('starting_at') : number('start_time');
    const end = isAnthropic ? iso('ending_at') : number('end_time');
    const start = query.has('page') ? Number(query.get('page')?.slice('page_'.length)) : first;
    const stop = Math.min(start + number('limit') * DAY_S, end - (end % DAY_S));
    const data: object[] = [];
    for (let at = start; at < stop; at += DAY_S) data.push(this.#bucket(of, at, isAnthropic));
    const hasMore = stop + DAY_S <= end;
    return { object: 'page', data, has_more: hasMore, next_page: hasMore ? `page_${stop}` : null };
  }

  #bucket(of: string, at: number, isAnthropic: boolean): object {
    const day = new Date(at * 1000).toISOString();
    const requests = this.requestsOn(day.slice(0, 10));
    const counts = requests === 0 ? [] : [requests - Math.floor(requests / 2), Math.floor(requests / 2)];
    const keys = ['key_one', 'key_two'];
    if (isAnthropic) {
      const results = counts.map((count, n) =>
        of === 'cost_report'
          ? { amount: '123.5', currency: 'USD' }
          : {
              uncached_input_tokens: count * 20,
              output_tokens: count * 10,
              api_key_id: keys[n],
              service_tier: 'standard',
            },
      );
      return { starting_at: day, ending_at: new Date((at + DAY_S) * 1000).toISOString(), results };
    }
    const results = counts.map((count, n) =>
      of === 'costs'
        ? { object: 'organization.costs.result', amount: { value: 0.06, currency: 'usd' }, line_item: null }
        : {
            object: `organization.usage.${of}.result`,
            input_tokens: count * 20,
            output_tokens: count * 10,
            num_model_requests: count,
            api_key_id: keys[n],
            batch: false,
          },
    );
    return { object: 'bucket', start_time: at, end_time: at + DAY_S, results };
  }
}
