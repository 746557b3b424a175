import type { Format } from '../format.ts';
import { dotenv } from './dotenv.ts';
import { yamlNames } from './yaml-names.ts';

/** Names of variables and secrets. Values are read past. */
export const names: readonly Format[] = [dotenv, ...yamlNames];
