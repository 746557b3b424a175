export { type Apps, type AppsDeps, createApps } from './apps.ts';
export { appRoutes } from './routes.ts';
export { readKeysForSnapshot } from './store.ts';
