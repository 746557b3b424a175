export { directoryOf, overviewRoutes } from './routes.ts';
