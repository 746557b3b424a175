export { createMeasures, healthRoutes, type Measures } from './health.ts';
export { liveRoutes } from './live.ts';
export { projectionRoutes } from './projections.ts';
export { type ReadReplay, replayRoutes } from './replay.ts';
