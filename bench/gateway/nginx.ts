import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Runs nginx on a configuration, as a child that ends with this process, and says when it listens. */
const [config = '', port = ''] = process.argv.slice(2);
const nginx = spawn('nginx', ['-c', config], { stdio: ['ignore', 'inherit', 'inherit'] });
const end = (): void => {
  nginx.kill('SIGQUIT');
};
process.on('SIGTERM', end);
process.on('disconnect', end);
nginx.on('exit', (code) => process.exit(code ?? 1));

function listens(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

for (let tries = 0; tries < 200 && !(await listens()); tries++) await wait(25);
process.send?.({ ready: true, port: Number(port) });
