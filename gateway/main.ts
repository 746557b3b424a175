import cluster from 'node:cluster';
import { readGatewayConfig } from './config.ts';
import { traceOf } from './log.ts';
import { startGateway } from './start.ts';
import { startSupervisor, takeSeat } from './workers/index.ts';

/**
 * The gateway's process: configured by its environment, ended by SIGTERM, SIGINT, or the end of its parent. With more
 * than one worker it supervises; each worker is this program again. SIGHUP: certificates are read again, and workers
 * replaced one by one.
 */

// An error that nobody caught may quote a request: only its kind and place are written.
process.on('uncaughtException', (cause) => {
  process.stderr.write(`${JSON.stringify({ level: 60, event: 'crashed', ...traceOf(cause) })}\n`);
  process.exit(1);
});

try {
  const config = readGatewayConfig(process.env);
  const seat = cluster.isWorker ? takeSeat(Number(process.env.DRAWBRIDGE_GATEWAY_SLOT)) : null;
  if (seat !== null) {
    const worker = await startGateway(config, seat);
    process.on('SIGTERM', () => worker.stop('SIGTERM'));
    // Those of a terminal reach the supervisor too, which says what to do.
    process.on('SIGINT', () => undefined);
    process.on('SIGHUP', () => undefined);
    seat.say({ say: 'ready', status: worker.status() });
    await worker.stopped;
    await seat.leave();
  } else {
    const gateway = await (config.workers > 1 ? startSupervisor(config) : startGateway(config));
    process.on('SIGTERM', () => gateway.stop('SIGTERM'));
    process.on('SIGINT', () => gateway.stop('SIGINT'));
    process.on('SIGHUP', () => gateway.reload());
    process.on('disconnect', () => gateway.stop('parent gone'));
    process.send?.({ ready: true, port: gateway.port });
    void gateway.serving.then(() => process.send?.({ serving: true }));
    await gateway.stopped;
  }
  process.exit(0);
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : 'The gateway could not start.'}\n`);
  process.exit(1);
}
