import type { Format } from '../format.ts';
import type { JsonObject } from '../line-reader.ts';
import { timeOf } from '../time.ts';
import { type Pages, pagesReader } from './pages.ts';
import { counted, currencyOf, keyId, money, wrong } from './report.ts';

/** RFC 3339. */
function span(bucket: JsonObject, line: number): { start: number; end: number } {
  const [start, end] = [bucket.starting_at, bucket.ending_at].map((value) =>
    typeof value === 'string' ? timeOf(value) : undefined,
  );
  if (start === undefined) throw wrong(line, 'starting_at', 'is no time as RFC 3339 writes it');
  if (end === undefined) throw wrong(line, 'ending_at', 'is no time as RFC 3339 writes it');
  return { start, end };
}

const usage: Pages = {
  shape: 'messages-usage-report',
  keep: {
    starting_at: true,
    ending_at: true,
    results: { uncached_input_tokens: true, output_tokens: true, api_key_id: true, service_tier: true },
  },
  span,
  result(rows, result, bucket, line, at) {
    rows.speaksOf('messages', line, at('uncached_input_tokens'));
    rows.row(
      {
        bucket,
        key: keyId(result.api_key_id, line, at('api_key_id')),
        requests: null,
        input: counted(result.uncached_input_tokens, line, at('uncached_input_tokens')),
        output: counted(result.output_tokens, line, at('output_tokens')),
        cost: null,
        currency: null,
        batch: result.service_tier === 'batch',
      },
      line,
    );
  },
};

/** Amounts are in the smallest unit of the currency. */
const CENTS = 100;

const costs: Pages = {
  shape: 'cost-report',
  keep: { starting_at: true, ending_at: true, results: { amount: true, currency: true } },
  span,
  result(rows, result, bucket, line, at) {
    rows.speaksOf('costs', line, at('amount'));
    rows.row(
      {
        bucket,
        key: null,
        requests: null,
        input: null,
        output: null,
        cost: money(result.amount, line, at('amount'), CENTS),
        currency: currencyOf(result.currency),
        batch: false,
      },
      line,
    );
  },
};

const isReport = (head: string): boolean =>
  /"starting_at"\s*:\s*"\d{4}-/.test(head) &&
  /"ending_at"\s*:\s*"\d{4}-/.test(head) &&
  head.includes('"results"');

/**
 * Pages of `/v1/organizations/usage_report/messages`: `{data: [{starting_at, ending_at, results: [{uncached_input_tokens,
 * cache_creation: {ephemeral_1h_input_tokens, ephemeral_5m_input_tokens}, cache_read_input_tokens, output_tokens, api_key_id,
 * workspace_id, model, service_tier, …}]}], has_more, next_page}`. It counts no requests. What caches hold is left out, as the
 * `input_tokens` of an answer leave it out. `api_key_id` is null without `group_by[]=api_key_id`, and for use in the vendor's own
 * console. https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report, read 2026-11-23.
 */
export const messagesUsageReport: Format = {
  id: 'messages-usage-report',
  name: 'Usage report of messages (pages of usage_report)',
  fits: (_name, head) => (isReport(head) ? (head.includes('"uncached_input_tokens"') ? 0.98 : 0.6) : 0),
  reader: (traces) => pagesReader(traces, usage),
};

/**
 * Pages of `/v1/organizations/cost_report`: results are `{amount, currency, cost_type, description, model, workspace_id, …}`, amounts
 * decimal texts in cents. It names no keys, and leaves out what the priority tier costs.
 * https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-cost-report, read 2026-11-23.
 */
export const costReport: Format = {
  id: 'cost-report',
  name: 'Cost report (pages of cost_report)',
  fits: (_name, head) => (isReport(head) && /"amount"\s*:\s*"/.test(head) ? 0.97 : 0),
  reader: (traces) => pagesReader(traces, costs),
};
