import type { ConfigFlags } from '../config.ts';
export async function replayCommand(
  _flags: ConfigFlags,
  _options: { people?: string; json?: boolean },
): Promise<void> {
  throw new Error('The replay is not part of this build yet.');
}
