export { SESSION_COOKIE, sameOrigin, signedIn } from './guard.ts';
export { accessRoutes, type Warning } from './routes.ts';
export { createSignInToken, forgetOldSessions, localAdministrator, openSession } from './session.ts';
