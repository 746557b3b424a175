/** A setting that can't be used: which one, what is wrong with it, and a good example. */
export class GatewayConfigError extends Error {
  readonly code = 'config';
  readonly variable: string;
  readonly wrong: string;
  readonly example: string;
  constructor(variable: string, wrong: string, example: string) {
    super(`${variable}: ${wrong}. For example: ${variable}=${example}`);
    this.name = 'GatewayConfigError';
    this.variable = variable;
    this.wrong = wrong;
    this.example = example;
  }
}
