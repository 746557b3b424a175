export { exposureProjection } from './exposure-projection.ts';
