export { ROOT_LOG } from './epochs.ts';
export { createRoot, type Root } from './root.ts';
