export { type Apps, type AppsDeps, createApps } from './apps.ts';
export { appRoutes } from './routes.ts';
export type { AppView, VirtualKeyView } from './schemas.ts';
export { readKeysForSnapshot } from './store.ts';
