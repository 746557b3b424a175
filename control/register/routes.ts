import { createRouter } from '../platform/index.ts';
import { agreementRoutes } from './agreement-routes.ts';
import { exchangeRoutes } from './exchange-routes.ts';
import { intakeRoutes } from './intake-routes.ts';
import type { Register } from './register.ts';
import { vendorRoutes } from './vendor-routes.ts';

/** All that may be asked of the register. */
/** `knownBy`: the id of a vendor that is publicly known by a domain, once that can be asked. */
export function registerRoutes(
  register: Register,
  knownBy: () => Promise<(domain: string) => string | undefined>,
) {
  return createRouter()
    .route('/', exchangeRoutes(register, knownBy))
    .route('/', intakeRoutes(register))
    .route('/', agreementRoutes(register))
    .route('/', vendorRoutes(register));
}
