export { issuerRoutes, oidcRoutes } from './routes.ts';
export { createSso, type Sso } from './sso.ts';
