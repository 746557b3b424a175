import { readListenHost } from '@drawbridge/gateway/settings';

/** A setting that can't be used: which one, what is wrong with it, and a good example. */
export class ConfigError extends Error {
  readonly code = 'config';
  readonly variable: string;
  constructor(variable: string, wrong: string, example: string) {
    super(`${variable}: ${wrong.replace(/\.$/, '')}. For example: ${variable}=${example}`);
    this.name = 'ConfigError';
    this.variable = variable;
  }
}

/** Throws ConfigError. */
export function readPort(variable: string, text: string, example: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65535) {
    throw new ConfigError(
      variable,
      `"${text}" is not a port from 0 to 65535 (0 takes any free one)`,
      example,
    );
  }
  return value;
}

/** Throws ConfigError. */
export function readHost(variable: string, text: string): string {
  const host = readListenHost(text);
  if (host !== null) return host;
  throw new ConfigError(variable, `"${text.slice(0, 40)}" is no address and no host name`, '127.0.0.1');
}
