import { spawn } from 'node:child_process';
import { untilListening } from './listening.ts';

/** Runs nginx on a configuration, as a child that ends with this process, and says when it listens. */
const [config = '', port = ''] = process.argv.slice(2);
const nginx = spawn('nginx', ['-c', config], { stdio: ['ignore', 'inherit', 'inherit'] });
const end = (): void => {
  nginx.kill('SIGQUIT');
};
process.on('SIGTERM', end);
process.on('disconnect', end);
nginx.on('exit', (code) => process.exit(code ?? 1));
await untilListening(Number(port));
process.send?.({ ready: true, port: Number(port) });
