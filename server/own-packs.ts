import { lintPacks, loadPacks, type PackProblem, problemLine } from '@drawbridge/control/packs';
import type { Pack } from '@drawbridge/protocol';

/** The packs of a deployment: those that are shipped, those of its own folder, and what of these can't be used. */
export interface FoundPacks {
  packs: Pack[];
  ownPacks: Pack[];
  warnings: { code: 'pack_invalid'; text: string }[];
}

/**
 * Reads packs. A shipped one that is wrong is an error (PackError); one of the folder is left out and told, and all
 * else goes on. `folder`: null where there is none.
 */
export async function findPacks(shipped: string, folder: string | null): Promise<FoundPacks> {
  const packs = await loadPacks(shipped);
  if (folder === null) return { packs, ownPacks: [], warnings: [] };
  try {
    const own = await lintPacks(folder, packs);
    return { packs, ownPacks: own.packs, warnings: own.problems.map((problem) => warning(folder, problem)) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
    const text = `The folder of packs (DRAWBRIDGE_PACKS) can not be read: ${error.message}`;
    return { packs, ownPacks: [], warnings: [{ code: 'pack_invalid', text }] };
  }
}

function warning(folder: string, problem: PackProblem): FoundPacks['warnings'][number] {
  return { code: 'pack_invalid', text: `A pack is not used. ${folder}/${problemLine(problem)}` };
}
