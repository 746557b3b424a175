export { passThrough, type Restore } from './restore.ts';
