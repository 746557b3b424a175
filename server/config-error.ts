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
