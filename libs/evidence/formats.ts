import type { Format } from './format.ts';
import { dnsmasq } from './logs/dnsmasq.ts';
import { route53Queries } from './logs/route53.ts';
import { squid } from './logs/squid.ts';

/** Every format that can be read. Of two that fit a file as well, the first is taken. */
export const formats: readonly Format[] = [squid, dnsmasq, route53Queries];
