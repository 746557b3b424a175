import { formatPosition } from './cursor.ts';
import { toEcs } from './ecs.ts';
import type { Fed } from './feed.ts';
import { toOcsf } from './ocsf.ts';

export const exportFormats = ['ocsf', 'ecs'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface Writing {
  format: ExportFormat;
  deployment: string;
  /** Whether reasons and details of changes go out, which people wrote. */
  details: boolean;
}

/** One event as a line of NDJSON, with the cursor that goes on after it. */
export function lineOf({ event, position }: Fed, { format, deployment, details }: Writing): string {
  const context = { deployment, details, cursor: formatPosition(position) };
  return `${JSON.stringify(format === 'ocsf' ? toOcsf(event, context) : toEcs(event, context))}\n`;
}
