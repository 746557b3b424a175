export { SESSION_COOKIE, setSessionCookie } from './cookies.ts';
export {
  gate,
  type OperatorCheck,
  operatorCheck,
  type Resolver,
  sameOrigin,
  stillSignedIn,
} from './guard.ts';
export { browserHeaders } from './headers.ts';
export { forgetWhatIsOver } from './housekeeping.ts';
export { createIdentity, type Identity } from './identity.ts';
export { firstLink } from './links.ts';
export { activePeopleWith, findPerson, findPersonByEmail, type Person } from './person.ts';
export { loopbackReached, type Reached } from './reached.ts';
export { recordRefused } from './refused.ts';
export type { Warning } from './schemas.ts';
export { sessionRoutes } from './session-routes.ts';
