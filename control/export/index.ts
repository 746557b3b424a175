export type { DeliveryNetwork } from './delivery.ts';
export { type Push, startPush } from './push.ts';
export { measurePush, pushRoutes } from './push-routes.ts';
export { exportRoutes } from './routes.ts';
