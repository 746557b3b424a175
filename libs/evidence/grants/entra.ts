import { jsonFormat } from '../documents/format.ts';
import { at, itemsOf, type Tree, textIn } from '../documents/tree.ts';
import type { Format } from '../format.ts';
import { timeOf } from '../time.ts';
import type { Traces } from '../trace.ts';
import { tellApp } from './app.ts';

/** A page of Microsoft Graph (`value`), or what the portal exports: a list. */
const entriesOf = (tree: Tree): readonly Tree[] => itemsOf(tree.is === 'list' ? tree : at(tree, 'value'));

/**
 * Sign-ins of people and of service principals, from Microsoft Graph or from the portal. Who signed in is not kept.
 * https://learn.microsoft.com/graph/api/resources/signin
 */
export const entraSignIns: Format = jsonFormat(
  {
    id: 'entra-sign-ins',
    name: 'Sign-ins (Microsoft Entra)',
    fits: (_, head) =>
      /"createdDateTime"\s*:/.test(head) &&
      /"appId"\s*:/.test(head) &&
      /"(?:resourceDisplayName|userPrincipalName|servicePrincipalName|signInEventTypes)"\s*:/.test(head) &&
      !/"servicePrincipalType"\s*:/.test(head)
        ? 0.95
        : 0,
  },
  (tree, traces) => {
    for (const entry of entriesOf(tree)) {
      const code = at(entry, 'status', 'errorCode');
      // A sign-in that failed shows no use.
      if (code?.is === 'leaf' && code.value !== 0) continue;
      tellApp(traces, {
        name: textIn(at(entry, 'appDisplayName')) ?? textIn(at(entry, 'servicePrincipalName')),
        clientId: textIn(at(entry, 'appId')),
        scopes: [],
        grade: 'observed',
        line: entry.line,
        at: timeOf(textIn(at(entry, 'createdDateTime'))),
      });
    }
  },
);

/** `servicePrincipals`: the apps that a tenant knows, whether they are used or not. */
export const entraServicePrincipals: Format = jsonFormat(
  {
    id: 'entra-service-principals',
    name: 'Service principals (Microsoft Entra)',
    fits: (_, head) => (/"servicePrincipalType"\s*:/.test(head) && /"appId"\s*:/.test(head) ? 0.95 : 0),
  },
  (tree, traces) => {
    for (const entry of entriesOf(tree)) {
      const type = textIn(at(entry, 'servicePrincipalType'));
      // Identities of machines in the tenant itself.
      if (type === 'ManagedIdentity') continue;
      tellApp(traces, {
        name: textIn(at(entry, 'appDisplayName')) ?? textIn(at(entry, 'displayName')),
        clientId: textIn(at(entry, 'appId')),
        scopes: [],
        grade: 'configured',
        line: entry.line,
      });
    }
  },
);

/** `oauth2PermissionGrants`: `clientId` there is the service principal's id in the tenant, not the app's. */
export const entraGrants: Format = jsonFormat(
  {
    id: 'entra-permission-grants',
    name: 'OAuth grants (Microsoft Entra)',
    fits: (_, head) =>
      /oauth2PermissionGrants/.test(head) || (/"consentType"\s*:/.test(head) && /"clientId"\s*:/.test(head))
        ? 0.96
        : 0,
  },
  tellGrants,
);

function tellGrants(tree: Tree, traces: Traces): void {
  for (const entry of entriesOf(tree)) {
    tellApp(traces, {
      name: textIn(at(entry, 'clientDisplayName')),
      clientId: textIn(at(entry, 'clientId')),
      scopes: [textIn(at(entry, 'scope')) ?? ''],
      grade: 'configured',
      line: entry.line,
    });
  }
}
