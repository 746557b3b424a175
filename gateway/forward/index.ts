export { forward, type Outcome } from './forward.ts';
