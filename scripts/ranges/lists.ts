import { z } from 'zod';
import { regionOf } from '../../control/residency/index.ts';

/** One range of a provider's list, and where it is: a country, a region of a cloud, or `EDGE`. */
export interface Listed {
  place: string;
  cidr: string;
}

export interface ReadList {
  ranges: Listed[];
  /** What has no place that is known here, by what the provider calls it: left out, never guessed. */
  unplaced: Map<string, number>;
}

/** A provider's list: where it publishes it, and how it is read. */
interface Provider {
  url: string;
  read(text: string): ReadList;
}

const Aws = z.object({
  prefixes: z.array(
    z.object({
      ip_prefix: z.string(),
      region: z.string(),
      service: z.string(),
      network_border_group: z.string(),
    }),
  ),
  ipv6_prefixes: z.array(
    z.object({
      ipv6_prefix: z.string(),
      region: z.string(),
      service: z.string(),
      network_border_group: z.string(),
    }),
  ),
});
const Gcp = z.object({
  prefixes: z.array(
    z.object({ ipv4Prefix: z.string().optional(), ipv6Prefix: z.string().optional(), scope: z.string() }),
  ),
});
const Azure = z.object({
  values: z.array(
    z.object({ name: z.string(), properties: z.object({ addressPrefixes: z.array(z.string()) }) }),
  ),
});
const Oci = z.object({
  regions: z.array(z.object({ region: z.string(), cidrs: z.array(z.object({ cidr: z.string() })) })),
});
const Fastly = z.object({ addresses: z.array(z.string()), ipv6_addresses: z.array(z.string()) });

const AWS_EDGES = new Set(['CLOUDFRONT', 'CLOUDFRONT_ORIGIN_FACING', 'GLOBALACCELERATOR', 'ROUTE53']);

/** The names of tags where they are not those of regions. */
const AZURE_NAMES: Record<string, string> = {
  brazilse: 'brazilsoutheast',
  centralfrance: 'francecentral',
  germanyn: 'germanynorth',
  germanywc: 'germanywestcentral',
  norwaye: 'norwayeast',
  norwayw: 'norwaywest',
  southfrance: 'francesouth',
  switzerlandn: 'switzerlandnorth',
  switzerlandw: 'switzerlandwest',
};

class List implements ReadList {
  ranges: Listed[] = [];
  unplaced = new Map<string, number>();
  add(place: string, name: string, cidr: string): void {
    if (place === 'EDGE' || /^[A-Z]{2}$/.test(place) || regionOf(place) !== null)
      this.ranges.push({ place, cidr });
    else this.unplaced.set(name, (this.unplaced.get(name) ?? 0) + 1);
  }
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** RFC 8805: `prefix,country,region,city,postal code`. */
function geofeed(text: string): ReadList {
  const list = new List();
  for (const line of lines(text)) {
    const [cidr = '', country = ''] = line.split(',').map((cell) => cell.trim());
    list.add(country === 'EU' ? '' : country, country === '' ? '(no country)' : country, cidr);
  }
  return list;
}

export const providers: Readonly<Record<string, Provider>> = {
  aws: {
    url: 'https://ip-ranges.amazonaws.com/ip-ranges.json',
    read(text) {
      const { prefixes, ipv6_prefixes: six } = Aws.parse(JSON.parse(text));
      const list = new List();
      const rows = [
        ...prefixes.map((row) => ({ ...row, cidr: row.ip_prefix })),
        ...six.map((row) => ({ ...row, cidr: row.ipv6_prefix })),
      ];
      for (const { region, service, network_border_group: group, cidr } of rows) {
        const isEdge = region === 'GLOBAL' || AWS_EDGES.has(service);
        // Local zones are listed under a parent region that can be in another country.
        list.add(isEdge ? 'EDGE' : group === region ? `aws:${region}` : '', group, cidr);
      }
      return list;
    },
  },
  gcp: {
    url: 'https://www.gstatic.com/ipranges/cloud.json',
    read(text) {
      const list = new List();
      for (const { ipv4Prefix: four, ipv6Prefix: six, scope } of Gcp.parse(JSON.parse(text)).prefixes) {
        list.add(scope === 'global' ? 'EDGE' : `gcp:${scope}`, scope, four ?? six ?? '');
      }
      return list;
    },
  },
  azure: {
    url: 'https://www.microsoft.com/en-us/download/details.aspx?id=56519',
    read(text) {
      const list = new List();
      for (const { name, properties } of Azure.parse(JSON.parse(text)).values) {
        const region = /^AzureCloud\.(.+)$/.exec(name)?.[1];
        const isEdge = /^AzureFrontDoor\./.test(name);
        if (region === undefined && !isEdge) continue;
        const place = isEdge ? 'EDGE' : `azure:${AZURE_NAMES[region ?? ''] ?? region}`;
        for (const cidr of properties.addressPrefixes) list.add(place, name, cidr);
      }
      return list;
    },
  },
  oci: {
    url: 'https://docs.oracle.com/en-us/iaas/tools/public_ip_ranges.json',
    read(text) {
      const list = new List();
      for (const { region, cidrs } of Oci.parse(JSON.parse(text)).regions)
        for (const { cidr } of cidrs) list.add(`oci:${region}`, region, cidr);
      return list;
    },
  },
  digitalocean: { url: 'https://digitalocean.com/geo/google.csv', read: geofeed },
  linode: { url: 'https://geoip.linode.com/', read: geofeed },
  cloudflare: {
    url: 'https://www.cloudflare.com/ips/',
    read(text) {
      const list = new List();
      for (const cidr of lines(text)) list.add('EDGE', 'edge', cidr);
      return list;
    },
  },
  fastly: {
    url: 'https://api.fastly.com/public-ip-list',
    read(text) {
      const { addresses, ipv6_addresses: six } = Fastly.parse(JSON.parse(text));
      const list = new List();
      for (const cidr of [...addresses, ...six]) list.add('EDGE', 'edge', cidr);
      return list;
    },
  },
};

export interface GivenList {
  provider: string;
  asOf: string;
  sha256: string;
  text: string;
}

/** The table of all lists (`drawbridge.ranges/1`), and what was left out. The same lists give the same text. */
export function tableOf(given: readonly GivenList[]): { text: string; unplaced: string[] } {
  const sources: string[] = [];
  const sections: string[] = [];
  const unplaced: string[] = [];
  for (const { provider, asOf, sha256, text } of [...given].sort((a, b) =>
    a.provider < b.provider ? -1 : 1,
  )) {
    const known = providers[provider];
    if (known === undefined)
      throw new Error(`"${provider}" is no provider that is read here: ${Object.keys(providers).join(', ')}`);
    const read = known.read(text);
    sources.push(`source ${provider} ${asOf} ${sha256} ${known.url}`);
    for (const [name, count] of read.unplaced) unplaced.push(`${provider} ${name}: ${count}`);
    const byPlace = Map.groupBy(read.ranges, ({ place }) => place);
    for (const [place, ranges] of [...byPlace].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const name = place.includes(':') ? ` ${place.split(':')[1]}` : '';
      sections.push(`at ${place} ${provider}${name}`, ...new Set(ranges.map(({ cidr }) => cidr)));
    }
  }
  return { text: `${['drawbridge.ranges/1', ...sources, ...sections].join('\n')}\n`, unplaced };
}
