import { z } from 'zod';
import {
  DomainSets,
  emptyVendor,
  type ImportedVendor,
  Left,
  members,
  pagesOf,
  parsed,
  type ReadImport,
  textsOf,
  webUrl,
} from '../entry.ts';
import { unreadable } from '../error.ts';

const text = z.string().max(2_000).nullish();
const properties = z.array(z.string());
/** A member of `entity_map.json`, by the entity's name. */
const InMap = z.looseObject({ properties, displayName: text, aliases: z.array(z.string()).nullish() });
/** A file of `entities/`. */
const Entity = z.looseObject({ name: z.string().min(1).max(2_000), displayName: text, properties });
/** A file of `domains/<country>/`. */
const Domain = z.looseObject({
  domain: z.string(),
  owner: z.looseObject({ name: text, displayName: text, url: text, privacyPolicy: text }).nullish(),
  categories: z.array(z.string()).nullish(),
});
const Any = z.union([z.array(z.union([Entity, Domain])), Entity, Domain, members(InMap)]);

/**
 * Tracker Radar in the forms in which it is published (docs/DATA_MODEL.md there): `build-data/generated/entity_map.json`, or
 * files of `entities/` and `domains/`, one or an array of them. The same entity of several files is put together.
 */
export function readTrackerRadar(content: string): ReadImport {
  const given = parsed(Any, content);
  const left = new Left();
  const found = new Map<string, ImportedVendor>();
  const entity = (name: string, displayName: string | null | undefined): ImportedVendor => {
    const made = found.get(name) ?? emptyVendor(name, displayName || name);
    if (made.legalName === null && displayName && displayName !== name) made.legalName = made.key;
    found.set(name, made);
    return made;
  };
  const domains = new DomainSets(left);
  if (isMap(given)) {
    for (const [name, one] of Object.entries(given)) {
      if (name.trim() === '') left.add('entities without a name');
      else domains.add(entity(name, one.displayName), one.properties);
    }
  } else {
    for (const one of Array.isArray(given) ? given : [given]) {
      if ('domain' in one && typeof one.domain === 'string') {
        const { owner, domain, categories } = one as z.infer<typeof Domain>;
        if (!owner?.name?.trim()) {
          left.add('domains without an owner');
          continue;
        }
        const of = entity(owner.name, owner.displayName);
        domains.add(of, [domain]);
        of.categories = textsOf([...of.categories, ...(categories ?? [])]);
        of.website ??= webUrl(owner.url);
        of.pages = { ...pagesOf({ privacy: owner.privacyPolicy }), ...of.pages };
      } else {
        const { name, displayName, properties: all } = one as z.infer<typeof Entity>;
        if (name.trim() === '') left.add('entities without a name');
        else domains.add(entity(name, displayName), all);
      }
    }
  }
  domains.settle();
  if (found.size === 0) throw unreadable('names no entity');
  return { version: null, asOf: null, vendors: [...found.values()], answers: [], left: left.all() };
}

type Read = z.infer<typeof Any>;
const isMap = (given: Read): given is Record<string, z.infer<typeof InMap>> =>
  !Array.isArray(given) &&
  !Array.isArray((given as { properties?: unknown }).properties) &&
  typeof (given as { domain?: unknown }).domain !== 'string';
