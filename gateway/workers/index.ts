export { createIdleLogs, type IdleLogs } from './logs.ts';
export { type Seat, takeSeat } from './seat.ts';
export { slotDirectory } from './slots.ts';
export { startSupervisor } from './supervisor.ts';
