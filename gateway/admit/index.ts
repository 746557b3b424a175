export { admit, admitKey, admitModel } from './admit.ts';
export { RateLimiter } from './rate.ts';
