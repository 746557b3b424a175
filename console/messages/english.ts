/**
 * Everything the console says, in English: a name for each page, whose words are loaded with that page, and the words of all
 * pages. A translation has the same names.
 */
export { accounts } from './pages/accounts.ts';
export { approvals } from './pages/approvals.ts';
export { apps } from './pages/apps.ts';
export { audit } from './pages/audit.ts';
export { configuration } from './pages/configuration.ts';
export { connect } from './pages/connect.ts';
export { connection } from './pages/connection.ts';
export { crossings } from './pages/crossings.ts';
export { factors } from './pages/factors.ts';
export { gatewayLogs } from './pages/gateway-logs.ts';
export { issuers } from './pages/issuers.ts';
export { keyLifetime } from './pages/key-lifetime.ts';
export { logAttention } from './pages/log-attention.ts';
export { modes } from './pages/modes.ts';
export { myKeys } from './pages/my-keys.ts';
export { outsider } from './pages/outsider.ts';
export { overview } from './pages/overview.ts';
export { people } from './pages/people.ts';
export { policies } from './pages/policies.ts';
export { profile } from './pages/profile.ts';
export { replay } from './pages/replay.ts';
export { review } from './pages/review.ts';
export { roles } from './pages/roles.ts';
export { rotation } from './pages/rotation.ts';
export { seen } from './pages/seen.ts';
export { settings } from './pages/settings.ts';
export { signIn } from './pages/sign-in.ts';
export { texts } from './pages/texts.ts';
export { tokens } from './pages/tokens.ts';
export { vault } from './pages/vault.ts';
export { vendors } from './pages/vendors.ts';
export { welcome } from './pages/welcome.ts';
export { workbench } from './pages/workbench.ts';
export { workloads } from './pages/workloads.ts';
export { world } from './pages/world.ts';
export * from './shared.ts';
