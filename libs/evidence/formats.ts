import { dns } from './dns/index.ts';
import type { Format } from './format.ts';
import { grants } from './grants/index.ts';
import { dnsmasq } from './logs/dnsmasq.ts';
import { gateway } from './logs/gateway.ts';
import { route53Queries } from './logs/route53.ts';
import { squid } from './logs/squid.ts';
import { csvTable, jsonLines } from './logs/table.ts';
import { zeek } from './logs/zeek.ts';
import { mailbox } from './mail/mailbox.ts';
import { manifests } from './manifests/index.ts';
import { payments } from './money/payments.ts';
import { names } from './names/index.ts';
import { infrastructure } from './terraform/index.ts';
import { usage } from './usage/index.ts';
import { csp } from './web/csp.ts';
import { har } from './web/har.ts';
import { workflows } from './workflows/index.ts';

/** Every format that can be read. Of two that fit a file as well, the first is taken. */
export const formats: readonly Format[] = [
  squid,
  zeek,
  route53Queries,
  dnsmasq,
  gateway,
  har,
  mailbox,
  payments,
  csp,
  ...workflows,
  ...manifests,
  ...names,
  ...dns,
  ...grants,
  ...infrastructure,
  ...usage,
  csvTable,
  jsonLines,
];
