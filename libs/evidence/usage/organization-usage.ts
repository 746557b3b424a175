import type { Format } from '../format.ts';
import type { Keep } from '../json-stream.ts';
import { isObject, type JsonObject } from '../line-reader.ts';
import { timeOf } from '../time.ts';
import { type Pages, pagesReader } from './pages.ts';
import { countedOrNull, currencyOf, keyId, money, type UsageRows, wrong } from './report.ts';

const bucketKeep = (result: Keep): Keep => ({ start_time: true, end_time: true, results: result });

/** Unix seconds. */
function span(bucket: JsonObject, line: number): { start: number; end: number } {
  const [start, end] = [bucket.start_time, bucket.end_time].map((value) =>
    typeof value === 'number' ? timeOf(value) : undefined,
  );
  if (start === undefined) throw wrong(line, 'start_time', 'is no time in Unix seconds');
  if (end === undefined) throw wrong(line, 'end_time', 'is no time in Unix seconds');
  return { start, end };
}

const USAGE = /^organization\.usage\.([a-z_]{1,40})\.result$/;

const usage: Pages = {
  shape: 'organization-usage',
  keep: bucketKeep({
    object: true,
    input_tokens: true,
    output_tokens: true,
    num_model_requests: true,
    num_requests: true,
    api_key_id: true,
    batch: true,
  }),
  span,
  result(rows: UsageRows, result, bucket, line, at) {
    const of = USAGE.exec(typeof result.object === 'string' ? result.object : '')?.[1];
    if (of === undefined) throw wrong(line, at('object'), 'is no organization.usage.….result');
    rows.speaksOf(of, line, at('object'));
    rows.row(
      {
        bucket,
        key: keyId(result.api_key_id, line, at('api_key_id')),
        requests:
          countedOrNull(result.num_model_requests, line, at('num_model_requests')) ??
          countedOrNull(result.num_requests, line, at('num_requests')),
        input: countedOrNull(result.input_tokens, line, at('input_tokens')),
        output: countedOrNull(result.output_tokens, line, at('output_tokens')),
        cost: null,
        currency: null,
        batch: result.batch === true,
      },
      line,
    );
  },
};

const costs: Pages = {
  shape: 'organization-costs',
  keep: bucketKeep({ object: true, amount: { value: true, currency: true }, api_key_id: true }),
  span,
  result(rows, result, bucket, line, at) {
    if (result.object !== 'organization.costs.result')
      throw wrong(line, at('object'), 'is no organization.costs.result');
    rows.speaksOf('costs', line, at('object'));
    const amount = isObject(result.amount) ? result.amount : {};
    rows.row(
      {
        bucket,
        key: keyId(result.api_key_id, line, at('api_key_id')),
        requests: null,
        input: null,
        output: null,
        cost: money(amount.value, line, at('amount.value')),
        currency: currencyOf(amount.currency),
        batch: false,
      },
      line,
    );
  },
};

/**
 * Pages of `/v1/organization/usage/{completions,embeddings,…}`: `{object: "page", data: [{object: "bucket", start_time, end_time,
 * results: [{object: "organization.usage.completions.result", input_tokens, output_tokens, num_model_requests, api_key_id, …}]}],
 * has_more, next_page}`. Input tokens count those from a cache too. `api_key_id` is there with `group_by=api_key_id`.
 * https://developers.openai.com/api/reference/resources/organization/subresources/usage (OpenAPI document 2.3.0), read 2026-11-23.
 */
export const organizationUsage: Format = {
  id: 'organization-usage',
  name: 'Usage report (pages of organization.usage)',
  fits: (_name, head) =>
    /"object"\s*:\s*"organization\.usage\.[a-z_]+\.result"/.test(head) ? 0.98 : isEmptyPage(head) ? 0.6 : 0,
  reader: (traces) => pagesReader(traces, usage),
};

/** A report in which nothing was used names no object of its own. */
const isEmptyPage = (head: string): boolean =>
  /"object"\s*:\s*"bucket"/.test(head) &&
  /"start_time"\s*:\s*\d/.test(head) &&
  !head.includes('organization.costs');

/**
 * Pages of `/v1/organization/costs`: results are `{object: "organization.costs.result", amount: {value, currency}, line_item,
 * project_id, api_key_id}`. Amounts are in units of the currency, as numbers or decimal texts.
 * https://developers.openai.com/api/reference/resources/organization/subresources/usage, read 2026-11-23.
 */
export const organizationCosts: Format = {
  id: 'organization-costs',
  name: 'Cost report (pages of organization.costs)',
  fits: (_name, head) => (/"object"\s*:\s*"organization\.costs\.result"/.test(head) ? 0.98 : 0),
  reader: (traces) => pagesReader(traces, costs),
};
