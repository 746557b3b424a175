import { readGatewayConfig } from './config.ts';
import { traceOf } from './log.ts';
import { startGateway } from './start.ts';

/** The gateway's process: configured by its environment, ended by SIGTERM, SIGINT, or the end of its parent. */

// An error that nobody caught may quote a request: only its kind and place are written.
process.on('uncaughtException', (cause) => {
  process.stderr.write(`${JSON.stringify({ level: 60, event: 'crashed', ...traceOf(cause) })}\n`);
  process.exit(1);
});

try {
  const gateway = await startGateway(readGatewayConfig(process.env));
  process.on('SIGTERM', () => gateway.stop('SIGTERM'));
  process.on('SIGINT', () => gateway.stop('SIGINT'));
  process.on('disconnect', () => gateway.stop('parent gone'));
  process.send?.({ ready: true, port: gateway.port });
  await gateway.stopped;
  process.exit(0);
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : 'The gateway could not start.'}\n`);
  process.exit(1);
}
