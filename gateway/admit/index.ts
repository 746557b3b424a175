export { admit } from './admit.ts';
export { RateLimiter } from './rate.ts';
