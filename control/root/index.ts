export { createRoot, type Root } from './root.ts';
