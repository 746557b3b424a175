import { z } from 'zod';
import type { Level } from '../levels.ts';
import { IsoTime, nullable, type Read, readJson, ShortText } from './account.ts';

/** Methods that a page which looks like Microsoft's can't pass on. */
const RESISTANT = new Set([
  'fido2SecurityKey',
  'passKeyDeviceBound',
  'passKeyDeviceBoundAuthenticator',
  'passKeyDeviceBoundWindowsHello',
  'passKeySynced',
  'windowsHelloForBusiness',
  'macOsSecureEnclaveKey',
  'x509CertificateMultiFactor',
]);
const BY_TELEPHONE = new Set(['mobilePhone', 'alternateMobilePhone', 'officePhone', 'sms', 'voice']);
/** Good for resetting a password, for nothing else. */
const NO_FACTOR = new Set(['email', 'securityQuestion', 'temporaryAccessPass', 'none']);

const next = nullable(z.string().max(4000));
const RegistrationSchema = z.object({
  '@odata.nextLink': next,
  value: z.array(
    z.object({
      id: ShortText,
      userPrincipalName: ShortText,
      userDisplayName: nullable(ShortText),
      isAdmin: z.boolean().optional(),
      isMfaRegistered: z.boolean(),
      methodsRegistered: z.array(z.string().max(100)).max(50),
    }),
  ),
});

/** Registration is no enforcement: whether a second factor is asked for, Conditional Access says. */
function levelOf(registered: boolean, methods: readonly string[]): Level {
  if (!registered) return 'none';
  const factors = methods.filter((method) => !NO_FACTOR.has(method));
  if (factors.some((method) => RESISTANT.has(method))) return 'phishing_resistant';
  return factors.length > 0 && factors.every((method) => BY_TELEPHONE.has(method)) ? 'sms_only' : 'enrolled';
}

/** `GET /reports/authenticationMethods/userRegistrationDetails` of Microsoft Graph. */
export function readEntraRegistration(content: string): Read {
  const shape = 'the answer of GET /reports/authenticationMethods/userRegistrationDetails';
  const { value, '@odata.nextLink': more } = readJson(content, RegistrationSchema, shape);
  return {
    complete: more === null,
    accounts: value.map((one) => ({
      externalId: one.id,
      email: one.userPrincipalName,
      name: one.userDisplayName,
      role: one.isAdmin === true ? 'admin' : null,
      admin: one.isAdmin ?? null,
      kind: 'person',
      state: 'active',
      level: levelOf(one.isMfaRegistered, one.methodsRegistered),
      basis: 'methods registered in Entra; whether they are asked for is not in this report',
      addedAt: null,
      lastActiveAt: null,
    })),
  };
}

const AssignmentSchema = z.object({
  '@odata.nextLink': next,
  value: z.array(
    z.object({
      principalId: ShortText,
      principalType: z.string().max(40),
      principalDisplayName: nullable(ShortText),
      createdDateTime: IsoTime,
    }),
  ),
});

/**
 * `GET /servicePrincipals/{id}/appRoleAssignedTo` of Microsoft Graph: who may sign in to one vendor's application. It has no
 * addresses; they come from the registration report, by `principalId`. A group stands for people that it does not name.
 */
export function readEntraAssignments(content: string): Read {
  const shape = 'the answer of GET /servicePrincipals/{id}/appRoleAssignedTo';
  const { value, '@odata.nextLink': more } = readJson(content, AssignmentSchema, shape);
  const people = value.filter((one) => one.principalType === 'User');
  return {
    complete: more === null && people.length === value.length,
    accounts: [...new Map(people.map((one) => [one.principalId, one])).values()].map((one) => ({
      externalId: one.principalId,
      email: null,
      name: one.principalDisplayName,
      role: null,
      admin: null,
      kind: 'person',
      state: 'active',
      level: 'unknown',
      basis: 'an assignment in Entra says who may sign in, not how',
      addedAt: one.createdDateTime,
      lastActiveAt: null,
    })),
  };
}
