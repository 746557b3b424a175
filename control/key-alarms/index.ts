export { type KeyAlarm, raiseKeyAlarm } from './key-alarms.ts';
export { keyAlarmRoutes } from './routes.ts';
export type { KeyAlarmView } from './schemas.ts';
export { type KeyAlarmWatch, watchKeyAlarms } from './watch.ts';
