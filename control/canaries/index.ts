export { type Canaries, createCanaries, readCanariesForSnapshot } from './canaries.ts';
export { canaryProjection } from './canary-projection.ts';
export { canaryUseRoutes } from './gateway-routes.ts';
export { canaryRoutes } from './routes.ts';
export { type CanaryWatch, watchCanaries } from './watch.ts';
