export { workbenchRoutes } from './routes.ts';
export { createContractTests } from './tests.ts';
export {
  type Bench,
  createWorkbench,
  type MadeUpText,
  type MakeUp,
  type OwnWords,
  type Tried,
  type Try,
} from './workbench.ts';
