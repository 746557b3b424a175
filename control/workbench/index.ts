export { workbenchRoutes } from './routes.ts';
export { createWorkbench, type Tried, type Try, type TryRequest } from './workbench.ts';
