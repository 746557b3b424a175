export { type Apps, type AppsDeps, createApps } from './apps.ts';
export { revokeKeysIn } from './key-changes.ts';
export { budgetText } from './key-rules.ts';
export { appOwners } from './owners.ts';
export { applyKeyRestore, type FormerRights, type KeyRestore, planKeyRestores } from './restore.ts';
export { appRoutes } from './routes.ts';
export { readKeysForSnapshot } from './store.ts';
