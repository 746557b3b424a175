import type { Format } from '../format.ts';
import { entraGrants, entraServicePrincipals, entraSignIns } from './entra.ts';
import { googleTokens } from './google.ts';

/** Who was given access to an organisation's accounts. People in these files are read past. */
export const grants: readonly Format[] = [googleTokens, entraGrants, entraServicePrincipals, entraSignIns];
