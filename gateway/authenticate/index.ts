export { authenticate, keyExpired } from './authenticate.ts';
