export type { ReviewHash } from './decision.ts';
export { eraseSenders, recountNames } from './erase.ts';
export { revealedHashes } from './queue.ts';
export { reviewProjection } from './review-projection.ts';
export { type ReviewDeps, reviewRoutes } from './routes.ts';
export { shownNames } from './shown-names.ts';
