/** Calls the API as the local administrator and gives the body. Throws when the answer is no success. */
export type Call = <T>(method: string, path: string, body?: unknown) => Promise<T>;

interface ConnectionOptions {
  slug: string;
  /** `vendor/service/region` of a pack. */
  service: 'openai/api/global' | 'mixpanel/analytics/eu' | 'mixpanel/analytics/us';
  /** Where the stand-in listens. */
  url: string;
  /** Made up. */
  credential: string;
  contract: 'as_is' | 'recommended';
  origins?: readonly string[];
}

/** Makes a connection to a stand-in. Returns its id. */
export async function makeConnection(call: Call, options: ConnectionOptions): Promise<string> {
  const [vendor, service, region] = options.service.split('/');
  const { hostname, port } = new URL(options.url);
  const { id } = await call<{ id: string }>('POST', '/connections', {
    name: options.slug,
    slug: options.slug,
    vendor,
    service,
    region,
    upstream: { scheme: 'http', host: hostname, port: Number(port), private: true },
    contract: options.contract,
    credential: options.credential,
    origins: options.origins ?? [],
    reason: 'a proof',
  });
  return id;
}

export interface IssuedKey {
  id: string;
  /** The whole key. */
  key: string;
}

/** Makes an app with one key for these connections. Publishable if it gets origins. */
export async function issueKey(
  call: Call,
  connections: readonly string[],
  origins: readonly string[] = [],
): Promise<IssuedKey> {
  const app = await call<{ id: string }>('POST', '/apps', {
    name: 'made-up app',
    owner: 'made-up team',
    reason: 'a proof',
  });
  const browser = { kind: 'publishable', origins, perMinute: 10_000 };
  return call<IssuedKey>('POST', `/apps/${app.id}/keys`, {
    ...(origins.length > 0 ? browser : { kind: 'secret' }),
    connections,
    reason: 'a proof',
  });
}
