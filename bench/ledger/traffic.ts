import type { Leaf, PayloadItem } from '@drawbridge/protocol';
import {
  madeUpCrossing,
  madeUpItem,
  madeUpSettlement,
  part,
  type ShippedPart,
} from '../../control/crossings/testing.ts';

/** Made-up traffic as an analytics SDK and an AI API cause it under recommended contracts. */

type Field = PayloadItem['f'][number];

const event: readonly Field[] = [
  ['properties.$email', 'person.email', 'drop', 'email', 1],
  ['properties.$name', 'person.name', 'drop', 'string', 1],
  ['properties.distinct_id', 'person.id', 'pseudonymise', 'string', 2],
  ['properties.$device_id', 'device.id', 'pseudonymise', 'uuid', 1],
  ['properties.$browser', 'device.browser', 'generalise', 'string', 1],
  ['properties.$os', 'device.os', 'drop', 'string', 1],
  ['properties.$screen_width', 'device.screen', 'drop', 'integer', 2],
  ['properties.$city', 'geo.city', 'drop', 'string', 1],
  ['properties.mp_country_code', 'geo.country', 'pass', 'string', 1],
  ['properties.$current_url', 'web.url', 'generalise', 'url', 1],
  ['properties.$referrer', 'web.referrer', 'drop', 'url', 2],
  ['event', 'event.name', 'pass', 'string', 1],
  ['properties.time', 'event.time', 'pass', 'time', 1],
  ['properties.$insert_id', 'event.id', 'pass', 'string', 1],
  ['#SjYxm4nJtQbV0w9uK3cE2A', 'event.unmapped', 'drop', 'string', 3],
  ['properties.mp_lib', 'sdk.technical', 'pass', 'string', 2],
];
const chat: readonly Field[] = [
  ['user', 'person.id', 'pseudonymise', 'string', 1],
  ['messages[*].content', 'content.prompt', 'pass', 'string', 3],
  ['model', 'model.parameter', 'pass', 'string', 2],
  ['tools', 'content.tool', 'pass', 'array', 1],
  ['header:user-agent', 'sdk.technical', 'pass', 'string', 4],
];

const pseudonym = (kind: string, n: number): string =>
  Buffer.from(`${kind}${String(n).padStart(15, '0')}`)
    .toString('base64url')
    .slice(0, 22);

/** A small generator of its own: the same traffic in each run (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface TrafficOptions {
  people: number;
  /** Milliseconds since 1970: crossings lie evenly between. */
  from: number;
  to: number;
  crossings: number;
  seed: number;
}

/** Leaf and settlement of each crossing, in the order of time. Every fifth goes to an AI vendor. */
export function* traffic(options: TrafficOptions): Generator<ShippedPart> {
  const random = randomFrom(options.seed);
  const apart = (options.to - options.from) / options.crossings;
  for (let n = 0; n < options.crossings; n++) {
    const at = Math.floor(options.from + n * apart);
    const person = Math.floor(random() ** 2 * options.people);
    const toAi = random() < 0.2;
    const app = random() < 0.7 ? 'app-web' : 'app-backend';
    const identified = random() < 0.8;
    const item = madeUpItem(
      toAi
        ? { s: pseudonym('u', person), k: 'user', f: [...chat] }
        : {
            s: pseudonym(identified ? 'u' : 'd', person),
            k: identified ? 'user' : 'device',
            l: identified && random() < 0.3 ? [pseudonym('d', person)] : [],
            f: [...event],
            r: [{ h: pseudonym('h', Math.floor(random() * 40)), k: 'property', s: 'string' }],
          },
    );
    const leaf: Partial<Leaf> = toAi
      ? {
          vendor: 'openai',
          service: 'api',
          connection: 'connection-openai',
          endpoint: 'chat',
          class: 'inference',
          app,
        }
      : { vendor: 'mixpanel', connection: `connection-mixpanel-${random() < 0.5 ? 'eu' : 'us'}`, app };
    const crossing = madeUpCrossing(at, [item], leaf);
    yield part(crossing.leaf, crossing.items);
    yield part(madeUpSettlement(crossing.leaf.id, at + 35));
  }
}
