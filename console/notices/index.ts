export { NoticesOfIncident } from './list.tsx';
