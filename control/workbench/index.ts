export { workbenchRoutes } from './routes.ts';
export { createContractTests } from './tests.ts';
export {
  type Bench,
  createWorkbench,
  type LookedFor,
  type MadeUpText,
  type MakeUp,
  type Tried,
  type Try,
} from './workbench.ts';
