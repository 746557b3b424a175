export { holdsOnDisk, openKeyWith } from './disk.ts';
export { type Held, Holds } from './holds.ts';
export { isDeduplicated } from './insert-ids.ts';
export { answerAccepted, heldConnection, heldStep, keep } from './keep.ts';
