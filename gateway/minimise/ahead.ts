import { type Keyed, LiftedObservations, minimiseDocument, Observations } from '@drawbridge/minimise';
import type { LiveConnection } from '../crossing.ts';
import type { CompiledEndpoint, Inspection } from '../inspect/index.ts';
import type { Lifted } from '../mode.ts';
import type { NamedText } from '../scan/index.ts';
import { contractOf, refusalFor } from './minimise.ts';

/** Texts of fewer UTF-16 units are looked through at once: that takes some milliseconds at the most. */
const AT_ONCE = 64 * 1024;

/**
 * The free text of a body that is too long to be looked through at once, in the order in which `minimise` comes by it; null: the
 * body is not long. Throws Refusal for what `minimise` would refuse whatever is found.
 */
export function longTexts(
  inspection: Inspection,
  endpoint: CompiledEndpoint,
  live: LiveConnection,
  lifted: Lifted | null,
): readonly NamedText[] | null {
  const { body } = inspection;
  if (live.text === null || body === null || body.opened.text.length < AT_ONCE) return null;
  const { map } = contractOf(live, endpoint);
  if (map === null) return null;
  const texts: NamedText[] = [];
  const collecting: Keyed = {
    ...unkeyed,
    text(text, name) {
      texts.push({ text, name });
      return nothing;
    },
  };
  const none = new Set<string>();
  const seen =
    lifted === null
      ? new Observations(collecting, none)
      : new LiftedObservations(collecting, none, lifted.lift);
  try {
    minimiseDocument(body.document, map, seen, null);
  } catch (error) {
    throw refusalFor(error, null);
  }
  return texts.length === 0 ? null : texts;
}

const nothing: [] = [];
/** What is only collected gets no pseudonyms. */
const unkeyed: Keyed = {
  pseudonym: () => 'x',
  subject: () => 'x',
  reviewHash: () => 'x',
  token: () => 'x',
};
