import type { Format } from '../format.ts';
import { bind } from './bind.ts';
import { octodns, route53Records } from './octodns.ts';

/** DNS zones: whom an organisation has let prove its domains, send its mail, and stand behind its names. */
export const dns: readonly Format[] = [bind, octodns, route53Records];
