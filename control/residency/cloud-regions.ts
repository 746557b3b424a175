import type { Place } from './place.ts';

/**
 * The regions of four clouds and the country that each is in, as the providers publish them: docs.aws.amazon.com (regions and
 * zones), cloud.google.com/about/locations, learn.microsoft.com (list of Azure regions), docs.oracle.com (regions and
 * availability domains). A region that is not here is unknown, not guessed from its name.
 */
const lists = {
  aws: {
    US: 'us-east-1 us-east-2 us-west-1 us-west-2 us-gov-east-1 us-gov-west-1',
    CA: 'ca-central-1 ca-west-1',
    MX: 'mx-central-1',
    BR: 'sa-east-1',
    DE: 'eu-central-1 eusc-de-east-1',
    CH: 'eu-central-2',
    IE: 'eu-west-1',
    GB: 'eu-west-2',
    FR: 'eu-west-3',
    SE: 'eu-north-1',
    IT: 'eu-south-1',
    ES: 'eu-south-2',
    IL: 'il-central-1',
    AE: 'me-central-1',
    BH: 'me-south-1',
    ZA: 'af-south-1',
    IN: 'ap-south-1 ap-south-2',
    SG: 'ap-southeast-1',
    AU: 'ap-southeast-2 ap-southeast-4',
    ID: 'ap-southeast-3',
    MY: 'ap-southeast-5',
    NZ: 'ap-southeast-6',
    TH: 'ap-southeast-7',
    JP: 'ap-northeast-1 ap-northeast-3',
    KR: 'ap-northeast-2',
    TW: 'ap-east-2',
    HK: 'ap-east-1',
    CN: 'cn-north-1 cn-northwest-1',
  },
  gcp: {
    US: 'us-central1 us-east1 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4',
    CA: 'northamerica-northeast1 northamerica-northeast2',
    MX: 'northamerica-south1',
    BR: 'southamerica-east1',
    CL: 'southamerica-west1',
    BE: 'europe-west1',
    GB: 'europe-west2',
    DE: 'europe-west3 europe-west10',
    NL: 'europe-west4',
    CH: 'europe-west6',
    IT: 'europe-west8 europe-west12',
    FR: 'europe-west9',
    PL: 'europe-central2',
    FI: 'europe-north1',
    SE: 'europe-north2',
    ES: 'europe-southwest1',
    IL: 'me-west1',
    QA: 'me-central1',
    SA: 'me-central2',
    ZA: 'africa-south1',
    IN: 'asia-south1 asia-south2',
    SG: 'asia-southeast1',
    ID: 'asia-southeast2',
    TW: 'asia-east1',
    HK: 'asia-east2',
    JP: 'asia-northeast1 asia-northeast2',
    KR: 'asia-northeast3',
    AU: 'australia-southeast1 australia-southeast2',
  },
  azure: {
    US: 'centralus eastus eastus2 northcentralus southcentralus westcentralus westus westus2 westus3',
    CA: 'canadacentral canadaeast',
    MX: 'mexicocentral',
    BR: 'brazilsouth brazilsoutheast',
    CL: 'chilecentral',
    IE: 'northeurope',
    NL: 'westeurope',
    DE: 'germanywestcentral germanynorth',
    FR: 'francecentral francesouth',
    SE: 'swedencentral swedensouth',
    NO: 'norwayeast norwaywest',
    CH: 'switzerlandnorth switzerlandwest',
    IT: 'italynorth',
    PL: 'polandcentral',
    ES: 'spaincentral',
    AT: 'austriaeast',
    GB: 'uksouth ukwest',
    IL: 'israelcentral',
    AE: 'uaenorth uaecentral',
    QA: 'qatarcentral',
    ZA: 'southafricanorth southafricawest',
    IN: 'centralindia southindia westindia jioindiawest jioindiacentral',
    SG: 'southeastasia',
    HK: 'eastasia',
    JP: 'japaneast japanwest',
    KR: 'koreacentral koreasouth',
    ID: 'indonesiacentral',
    MY: 'malaysiawest',
    NZ: 'newzealandnorth',
    AU: 'australiaeast australiasoutheast australiacentral australiacentral2',
  },
  oci: {
    US: 'us-ashburn-1 us-phoenix-1 us-sanjose-1 us-chicago-1',
    CA: 'ca-toronto-1 ca-montreal-1',
    MX: 'mx-queretaro-1 mx-monterrey-1',
    BR: 'sa-saopaulo-1 sa-vinhedo-1',
    CL: 'sa-santiago-1 sa-valparaiso-1',
    CO: 'sa-bogota-1',
    DE: 'eu-frankfurt-1',
    NL: 'eu-amsterdam-1',
    CH: 'eu-zurich-1',
    FR: 'eu-paris-1 eu-marseille-1',
    SE: 'eu-stockholm-1',
    IT: 'eu-milan-1',
    ES: 'eu-madrid-1',
    GB: 'uk-london-1 uk-cardiff-1',
    IL: 'il-jerusalem-1',
    AE: 'me-dubai-1 me-abudhabi-1',
    SA: 'me-jeddah-1 me-riyadh-1',
    ZA: 'af-johannesburg-1',
    IN: 'ap-mumbai-1 ap-hyderabad-1',
    SG: 'ap-singapore-1 ap-singapore-2',
    JP: 'ap-tokyo-1 ap-osaka-1',
    KR: 'ap-seoul-1 ap-chuncheon-1',
    AU: 'ap-sydney-1 ap-melbourne-1',
  },
} as const satisfies Record<string, Record<string, string>>;

type Cloud = keyof typeof lists;

const countries: ReadonlyMap<string, string> = new Map(
  Object.entries(lists).flatMap(([cloud, byCountry]) =>
    Object.entries(byCountry).flatMap(([country, regions]) =>
      regions.split(' ').map((region) => [`${cloud}:${region}`, country] as const),
    ),
  ),
);

/** The country of a cloud's region (`aws:eu-west-2`); null: no region that is known here. */
export function regionOf(place: Place): string | null {
  return countries.get(place) ?? null;
}

/** All regions: `aws:eu-west-2`. */
export const allRegions: readonly string[] = [...countries.keys()];

/** Domains of clouds below which a label can name the region. */
const below: readonly (readonly [domain: string, cloud: Cloud])[] = [
  ['amazonaws.com', 'aws'],
  ['amazonaws.com.cn', 'aws'],
  ['amazonaws.eu', 'aws'],
  ['api.aws', 'aws'],
  ['on.aws', 'aws'],
  ['awsapprunner.com', 'aws'],
  ['elasticbeanstalk.com', 'aws'],
  ['googleapis.com', 'gcp'],
  ['run.app', 'gcp'],
  ['cloudfunctions.net', 'gcp'],
  ['azure.com', 'azure'],
  ['azurecontainerapps.io', 'azure'],
  ['azmk8s.io', 'azure'],
  ['azurewebsites.net', 'azure'],
  ['microsoft.com', 'azure'],
  ['windows.net', 'azure'],
  ['oraclecloud.com', 'oci'],
];

/** Domains of networks that answer wherever the caller is. */
const edges = [
  'cloudfront.net',
  'awsglobalaccelerator.com',
  'azureedge.net',
  'azurefd.net',
  'trafficmanager.net',
  'akamaiedge.net',
  'akamaized.net',
  'edgekey.net',
  'edgesuite.net',
  'fastly.net',
  'fastlylb.net',
  'cdn.cloudflare.net',
  'workers.dev',
  'pages.dev',
  'b-cdn.net',
];

const isBelow = (host: string, domain: string): boolean => host.endsWith(`.${domain}`);

/** The region in one label: the label itself, or what it begins or ends with (`s3-eu-west-1`, `europe-west1-aiplatform`). */
function regionIn(label: string, cloud: Cloud): string | null {
  const parts = label.split('-');
  for (let length = parts.length; length > 0; length -= 1) {
    for (const from of [0, parts.length - length]) {
      const region = parts.slice(from, from + length).join('-');
      if (countries.has(`${cloud}:${region}`)) return region;
    }
  }
  return null;
}

/** Services whose customers name what stands left of them: where these have no region, the name says nothing. */
const namedByCustomers = new Set([
  's3',
  's3-website',
  'storage',
  'blob',
  'file',
  'queue',
  'table',
  'dfs',
  'web',
  'openai',
  'vault',
]);

/** Whether a cloud, and not its customer, writes the first label of a host below this domain. */
function isCloudsOwn(label: string, domain: string): boolean {
  switch (domain) {
    case 'googleapis.com':
    case 'cloudfunctions.net':
      return true;
    case 'microsoft.com':
      return countries.has(`azure:${label}`);
    case 'amazonaws.com':
    case 'amazonaws.com.cn':
      return label.startsWith('s3-');
    default:
      return false;
  }
}

/**
 * What a cloud's own naming says of a host (lower case): a region, `EDGE`, or null where the name says nothing. The label nearest
 * to the cloud's domain counts: further left stand names that customers choose, such as a bucket called like a region.
 */
export function placeInName(host: string): Place | null {
  const known = read.get(host);
  if (known !== undefined) return known;
  const place = readName(host);
  if (read.size >= MOST_READ) read.clear();
  read.set(host, place);
  return place;
}

/** Names that were read, since thousands of connections go to the same few hosts. */
const read = new Map<string, Place | null>();
const MOST_READ = 10_000;

function readName(host: string): Place | null {
  if (edges.some((domain) => isBelow(host, domain))) return 'EDGE';
  for (const [domain, cloud] of below) {
    if (!isBelow(host, domain)) continue;
    const labels = host.slice(0, -domain.length - 1).split('.');
    for (const [left, label] of [...labels.entries()].reverse()) {
      if (left === 0 && !isCloudsOwn(label, domain)) return null;
      const region = regionIn(label, cloud);
      if (region !== null) return `${cloud}:${region}`;
      if (namedByCustomers.has(label)) return null;
    }
    return null;
  }
  return null;
}
