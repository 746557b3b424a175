/** Which key sources there are, for who reads settings: without the control plane itself, which takes its time to load. */
export { type KeySource, type KeySourceKind, keySourceKinds } from './vault/sources/settings.ts';
