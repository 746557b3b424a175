export { admit, admitKey, admitModel, isOver } from './admit.ts';
export { RateLimiter } from './rate.ts';
