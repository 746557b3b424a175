export { epochRoutes } from './epochs.ts';
export { createMeasures, healthRoutes } from './health.ts';
export { keepHouse } from './housekeeping.ts';
export { liveRoutes } from './live.ts';
export { projectionRoutes } from './projections.ts';
export { type ReadReplay, replayRoutes } from './replay.ts';
export { readDeploymentName, settingRoutes } from './settings.ts';
