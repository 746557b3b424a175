import type { Route, Service } from '@drawbridge/protocol';
import { type StartedGateway, startTestGateway, type TestGatewayOptions } from '../testing/gateway.ts';
import { aiService } from '../testing/services.ts';
import { type Answer, type StandIn, startStandIn } from '../testing/standin.ts';

/** Made-up vendors of one dialect behind one route, for tests. */

/** The made-up AI API as another vendor of the same dialect has it: `base` is what its paths begin with. */
export function aiOf(id: string, base = '/v1', change: Partial<Service> = {}): Service {
  return {
    ...aiService,
    id,
    dialect: { family: 'made-up', base },
    endpoints: aiService.endpoints.map((endpoint) => ({
      ...endpoint,
      path: base + endpoint.path.slice('/v1'.length),
      ...(endpoint.id === 'chat' ? { repeat: 'pays_twice' as const } : {}),
    })),
    ...change,
  };
}

export interface RoutedVendor {
  slug: string;
  service?: Service;
  credential?: string;
  answer: Answer;
  contract?: Service['contracts']['as_is'];
  models?: Record<string, string>;
}

export interface RoutedGateway extends StartedGateway {
  vendors: StandIn[];
  route: Route;
  /** Puts what was changed in force. */
  apply(): Promise<void>;
  end(): Promise<void>;
}

export async function startRouted(
  vendors: readonly RoutedVendor[],
  route: Partial<Route> = {},
  options: TestGatewayOptions = {},
): Promise<RoutedGateway> {
  const standIns: StandIn[] = [];
  const gateway = await startTestGateway(options);
  const { deployment, worker } = gateway;
  for (const [index, vendor] of vendors.entries()) {
    const standIn = await startStandIn(vendor.answer);
    standIns.push(standIn);
    await deployment.connect({
      slug: vendor.slug,
      service: vendor.service ?? aiOf(`api${index}`),
      upstream: { scheme: 'http', host: '127.0.0.1', port: standIn.port, private: true },
      credential: vendor.credential ?? `credential-of-${vendor.slug}`,
      ...(vendor.contract === undefined ? {} : { contract: vendor.contract }),
    });
  }
  const made: Route = {
    id: 'route-1',
    slug: 'chat',
    app: 'app-test',
    members: vendors.map(({ slug, models }) => ({
      connection: `conn-${slug}`,
      ...(models === undefined ? {} : { models }),
    })),
    pay_twice: true,
    breaker: { failures: 5, open_ms: 1000 },
    ...route,
  };
  deployment.given.routes = [made];
  const key = deployment.issue({ connections: vendors.map(({ slug }) => slug) });
  const apply = async () => worker.apply(await deployment.snapshot());
  await apply();
  return {
    ...gateway,
    key,
    vendors: standIns,
    route: made,
    apply,
    async end() {
      await gateway.close();
      for (const standIn of standIns) await standIn.close();
    },
  };
}
