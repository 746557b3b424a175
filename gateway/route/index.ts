export { Breakers } from './breakers.ts';
export { walkRoute } from './walk-route.ts';
