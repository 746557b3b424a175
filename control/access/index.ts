export {
  gate,
  type OperatorCheck,
  operatorCheck,
  SESSION_COOKIE,
  sameOrigin,
  stillSignedIn,
} from './guard.ts';
export { browserHeaders } from './headers.ts';
export { recordRefused } from './refused.ts';
export { accessRoutes, linkRoutes, type Warning } from './routes.ts';
export { countPeople, createSignInToken, forgetOldSessions, hasAdministrator } from './session.ts';
