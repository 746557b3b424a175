/**
 * What reads packs, facts and evidence, for commands that need no server: the rooms of the control plane, which take long to load,
 * are not loaded by it. So it names files, where others go through a room's index.
 */
export {
  candidatesOf,
  registrable,
  type Sighting,
  sightingsOf,
} from './discovery/candidates.ts';
export { createIdentifier } from './discovery/identify.ts';
export { type DiscoverReport, reportOf } from './discovery/report.ts';
export { webHosts } from './discovery/web-hosts.ts';
export { type Playbook, readPlaybook } from './incidents/room/playbooks.ts';
export { isClockFile, readClockFile } from './laws/clock-packs.ts';
export { FACTS_FORMAT, type FactsFile, readFactsFile } from './laws/facts-file.ts';
export { readClockLaw } from './laws/load.ts';
export { type MailLists, readMailLists } from './messages/pack.ts';
export { registerOf } from './messages/register.ts';
export { readTemplate, type Template } from './notices/template.ts';
export { type PolicyFileProblem, readPolicyFolder, type Starter } from './policy/starters.ts';
export { readTransfers, type Transfers } from './residency/law.ts';
export { coverageOf, missingOf, readFacts, readVendor, type VendorFacts } from './vendors/facts/index.ts';
export { knownOf } from './vendors/known.ts';
export { fieldMapsOf } from './vendors/like.ts';
export {
  lintPacks,
  loadPacks,
  type PackProblem,
  problemLine,
  readPack,
} from './vendors/load.ts';
