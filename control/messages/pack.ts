import { z } from 'zod';
import { type PackFileProblem, readYaml } from '../platform/index.ts';

/** What is known of links and of mail on its way (`packs/messages/links.yaml`): lists of domains, each with where it was read. */

const Domain = z.string().regex(/^(?:[a-z0-9-]+\.)+[a-z]{2,24}$/, 'is no domain');
const List = z.strictObject({ from: z.string(), domains: z.array(Domain).min(1).max(500) });

const LinksSchema = z.strictObject({
  format: z.literal('drawbridge.messages/1'),
  as_of: z.iso.date(),
  sources: z.record(
    z.string(),
    z.strictObject({
      url: z.url({ protocol: /^https$/ }),
      as_of: z.iso.date(),
      licence: z.string().min(2).max(40),
    }),
  ),
  sealers: List,
  trackers: List,
  shorteners: List,
});
export type MailLists = Pick<z.infer<typeof LinksSchema>, 'sealers' | 'trackers' | 'shorteners'>;

/** Reads the lists from their text. `file`: its name in problems. */
export function readMailLists(
  file: string,
  text: string,
): { lists: MailLists } | { problems: PackFileProblem[] } {
  const read = readYaml(file, text, LinksSchema, (value, add) => {
    for (const part of ['sealers', 'trackers', 'shorteners'] as const) {
      if (!Object.hasOwn(value.sources, value[part].from))
        add([part, 'from'], `there is no source ${value[part].from}`);
      const { domains } = value[part];
      const twice = domains.findIndex((domain, at) => domains.indexOf(domain) !== at);
      if (twice >= 0) add([part, 'domains', twice], `${domains[twice]} is there twice`);
    }
  });
  return 'problems' in read ? read : { lists: read.value };
}
