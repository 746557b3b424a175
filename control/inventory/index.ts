export { type HeldKeyOf, heldKeysNaming } from './held-of.ts';
export { createInventory, type Inventory } from './inventory.ts';
export { keyUseProjection } from './key-use-projection.ts';
export { type KeyAt, keysAt } from './keys-at.ts';
export { heldLabels } from './labels.ts';
export { inventoryRoutes } from './routes.ts';
