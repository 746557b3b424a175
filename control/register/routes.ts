import { createRouter } from '../platform/index.ts';
import { agreementRoutes } from './agreement-routes.ts';
import { intakeRoutes } from './intake-routes.ts';
import type { Register } from './register.ts';
import { vendorRoutes } from './vendor-routes.ts';

/** All that may be asked of the register. */
export function registerRoutes(register: Register) {
  return createRouter()
    .route('/', intakeRoutes(register))
    .route('/', agreementRoutes(register))
    .route('/', vendorRoutes(register));
}
