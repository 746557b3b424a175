export { askRootEpoch, ROOT_LOG } from './epoch.ts';
export { createRoot, type Root } from './root.ts';
