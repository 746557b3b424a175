import type { Format } from '../format.ts';
import { isObject, jsonLineReader, textOf } from '../line-reader.ts';
import { Hosts } from '../seen-host.ts';
import { timeOf } from '../time.ts';

/**
 * Query logs of the Route 53 resolver, as JSON lines
 * (https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html).
 */
export const route53Queries: Format = {
  id: 'route53',
  name: 'Route 53 resolver query log',
  fits: (_name, head) =>
    /^\s*\{/.test(head) && head.includes('"query_name"') && head.includes('"query_timestamp"') ? 0.95 : 0,
  reader: (traces, options) => {
    const hosts = new Hosts(traces, options, 'route53');
    return jsonLineReader(traces, (record, line) => {
      const name = textOf(record.query_name);
      if (name === undefined) {
        traces.skip(line, 'the record has no query_name', 'query_name');
        return;
      }
      // A name that is not there is talked to by nobody; a blocked one neither.
      if (
        record.rcode === 'NXDOMAIN' ||
        record.firewall_rule_action === 'BLOCK' ||
        record.query_type === 'PTR'
      )
        return;
      const at = timeOf(record.query_timestamp);
      if (at === undefined) traces.skip(line, 'the time is unreadable', 'query_timestamp');
      const addresses = Array.isArray(record.answers)
        ? record.answers.flatMap((answer) => {
            const data = isObject(answer) ? textOf(answer.Rdata) : undefined;
            return data === undefined || !isAddressType(isObject(answer) ? answer.Type : undefined)
              ? []
              : [data];
          })
        : [];
      hosts.name(name, { line, at, addresses }, 'query_name');
    });
  },
};

const isAddressType = (type: unknown): boolean => type === 'A' || type === 'AAAA';
