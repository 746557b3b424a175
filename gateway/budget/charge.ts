import type { Price, Service } from '@drawbridge/protocol';
import type { Minimised } from '../crossing.ts';
import type { Outcome } from '../forward/index.ts';
import type { CompiledEndpoint } from '../inspect/index.ts';
import { Refusal } from '../refusal/index.ts';
import type { KeyCaps } from './limits.ts';
import { UsageMeter } from './meter.ts';

/** How a crossing's use is counted once it is answered. */
export interface Charge {
  caps: KeyCaps;
  meter: UsageMeter;
  /** Null: money is not counted. */
  price: Price | null;
  /** Body bytes that the vendor gets. */
  sentBytes: number;
}

export interface Spent {
  tokens: number;
  /** Millionths of the budget's currency. */
  micros: number;
}

/** Endpoints that use no tokens: lists of models, and events taken in. */
const withoutTokens = new Set(['catalogue', 'ingest']);

/**
 * What a crossing will be charged with; null where the key's budgets count nothing of it. Throws Refusal `price_unknown`
 * for a key with a budget in money when the pack has no price in its currency for the model that is asked for (null: none is named).
 */
export function planCharge(
  caps: KeyCaps,
  service: Service,
  { class: endpointClass }: Pick<CompiledEndpoint, 'class'>,
  model: string | null,
): Charge | null {
  const { tokens, money } = caps;
  const countsMoney = money !== null && endpointClass !== 'catalogue';
  if (!countsMoney && (tokens === null || withoutTokens.has(endpointClass))) return null;
  const price = countsMoney ? priceFor(service, money.currency, model) : null;
  return { caps, meter: new UsageMeter(), price, sentBytes: 0 };
}

function priceFor(service: Service, currency: string, model: string | null): Price {
  const fits = (service.prices ?? []).filter(
    (price) =>
      model !== null &&
      price.currency === currency &&
      (price.model.endsWith('*') ? model.startsWith(price.model.slice(0, -1)) : model === price.model),
  );
  const [price] = fits.toSorted((a, b) => b.model.length - a.model.length);
  if (price !== undefined) return price;
  throw new Refusal(
    'price_unknown',
    'admit',
    `This virtual key has a budget in ${currency}, and no price in ${currency} is known for the model that this request asks for. Use a model that the vendor's pack has a price of, or a key without a budget in money.`,
  );
}

/** Asks for an answer that can be read along, and notes what is sent. */
export function uncompressed(charge: Charge, minimised: Minimised): void {
  const { headers } = minimised;
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    if (headers[at]?.toLowerCase() === 'accept-encoding') headers.splice(at, 2);
  }
  headers.push('Accept-Encoding', 'identity');
  charge.sentBytes = minimised.body.length;
}

/**
 * What a crossing used. Where something went out and the vendor does not say what it counted, each byte counts as a
 * token: no tokenizer makes more of a text.
 */
export function spentOf(charge: Charge, outcome: Omit<Outcome, 'refusal'>): Spent {
  if (outcome.outcome === 'not_sent' || outcome.outcome === 'connect_failed') return nothing;
  if (outcome.outcome === 'answered' && (outcome.status ?? 0) >= 400) return nothing;
  const said = outcome.outcome === 'answered' ? charge.meter.usage() : null;
  const { input, output } = said ?? { input: charge.sentBytes, output: outcome.responseBytes };
  const { price } = charge;
  // A price per million, in units, is one per token in millionths.
  const micros = price === null ? 0 : Math.ceil(input * price.input + output * (price.output ?? 0));
  return { tokens: input + output, micros };
}

const nothing: Spent = { tokens: 0, micros: 0 };
