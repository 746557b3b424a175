import { type By, type Caller, invalid, Problem, recordChange } from '../platform/index.ts';
import { type ReadDeps, severanceOf } from './read.ts';
import { lockSeverance, tables } from './store.ts';
import { tellLater } from './tell.ts';
import { type Marked, sealMarked } from './words.ts';

const LISTS = ['revokeThere', 'notOurs', 'unknown'] as const;

/**
 * Says that something was done elsewhere, and what shows it; or that it was not. Throws Problem 404, 422 for what Drawbridge
 * proves itself, and 422 without a proof.
 */
export async function markLine(
  deps: ReadDeps,
  severance: string,
  line: string,
  given: { done: boolean; proof?: string | undefined },
  by: By & { actor: Caller },
): Promise<void> {
  const { platform } = deps;
  const { actor } = by;
  const now = await severanceOf(deps, severance, actor);
  if (now.cutNow.some(({ id }) => id === line))
    throw invalid('line', 'is cut by Drawbridge: gateways prove it, and nobody marks it');
  const found = LISTS.flatMap((list) => now[list].map((one) => ({ list, one }))).find(
    ({ one }) => one.id === line,
  );
  if (found === undefined)
    throw new Problem(404, 'not_found', 'There is no such line. Look at the severance again.');
  const { list, one } = found;
  if (given.done && given.proof === undefined)
    throw invalid('proof', 'is missing: say what shows that it was done');
  const marked: Marked = { what: one.what, kind: one.kind, owner: one.owner, list, proof: given.proof ?? '' };
  const sealed = sealMarked(await deps.sealer(), severance, line, marked);
  await platform.db.transaction().execute(async (tx) => {
    const row = await lockSeverance(tx, severance);
    const text = given.done ? `Done: ${one.what}` : `Not done after all: ${one.what}`;
    const told = await tellLater(tx, deps.book, row, text, by);
    await tables(tx)
      .deleteFrom('severance_line')
      .where('severance', '=', severance)
      .where('line', '=', line)
      .execute();
    if (given.done) {
      await tables(tx)
        .insertInto('severance_line')
        .values({
          severance,
          line,
          done_at: new Date(platform.clock.now()),
          done_by: actor.id,
          done_by_name: actor.name,
          sealed,
        })
        .execute();
    }
    await recordChange(tx, platform, {
      ...by,
      act: given.done ? 'severance.line_done' : 'severance.line_open',
      subject: { kind: 'severance', id: severance },
      detail: { line, kind: one.kind, incidentTold: told },
    });
  });
  platform.events.publish('severances');
}
