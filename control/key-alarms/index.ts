export { type KeyAlarm, raiseKeyAlarm } from './key-alarms.ts';
export { keyAlarmRoutes } from './routes.ts';
export { KeyAlarmSchema, type KeyAlarmView } from './schemas.ts';
export { type KeyAlarmWatch, watchKeyAlarms } from './watch.ts';
