export { SESSION_COOKIE, setSessionCookie } from './cookies.ts';
export { hasSecondFactor } from './factors.ts';
export {
  gate,
  type OperatorCheck,
  type OwnerOf,
  operatorCheck,
  type Resolver,
  sameOrigin,
  stillMay,
} from './guard.ts';
export { browserHeaders } from './headers.ts';
export { forgetWhatIsOver } from './housekeeping.ts';
export { createIdentity, type Identity } from './identity.ts';
export { addPerson, beginEnrolment, firstLink } from './links.ts';
export {
  activePeopleWith,
  findPerson,
  findPersonByEmail,
  hasAdministrator,
  isActive,
  mayEnrol,
  type Person,
  personMay,
} from './person.ts';
export { placeOf } from './place.ts';
export { loopbackReached, type Reached } from './reached.ts';
export { recordRefused } from './refused.ts';
export { permissionsOf, type Role } from './roles.ts';
export type { Warning } from './schemas.ts';
export { sessionRoutes } from './session-routes.ts';
export { openSession, type Place } from './sessions.ts';
export { networkOf, type Throttle } from './throttle.ts';
export { codeColumns } from './totp.ts';
export { expectMayTouchPerson, holdPeople } from './touch.ts';
