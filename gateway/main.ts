import { startGateway } from './start.ts';

/** The gateway's process: configured by its environment, ended by SIGTERM, SIGINT, or the end of its parent. */
const running = startGateway(process.env);

running
  .then((gateway) => {
    process.on('SIGTERM', () => gateway.stop('SIGTERM'));
    process.on('SIGINT', () => gateway.stop('SIGINT'));
    process.on('disconnect', () => gateway.stop('parent gone'));
    process.send?.({ ready: true, port: gateway.port });
    return gateway.stopped;
  })
  .then(
    () => process.exit(0),
    (cause: unknown) => {
      process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
      process.exit(1);
    },
  );
