import { policySchema } from '@drawbridge/protocol';
import { type Action, allActions } from '../platform/index.ts';

/** Kinds of things that what people do is about, as policies know them: the rest is the deployment's. */
export type ActResource = 'Connection' | 'App' | 'Deployment';

const about: Readonly<Record<string, ActResource>> = {
  connection: 'Connection',
  contract: 'Connection',
  credential: 'Connection',
  break_glass: 'Connection',
  app: 'App',
  key: 'App',
};

/** What an action of the console is about; the deployment, too, where the thing is yet to be made. */
export function resourceOf(action: Action): ActResource {
  return about[action.split('.')[0] ?? ''] ?? 'Deployment';
}

function declared(action: Action): string {
  const kind = resourceOf(action);
  return `action "${action}" appliesTo {
  principal: [Person, Token],
  resource: [${kind === 'Deployment' ? kind : `${kind}, Deployment`}],
  context: { hour: Long, weekday: String, level: Long, steppedUp: Bool },
};`;
}

/** The schema that policies are checked against when they are saved: what may cross, and every action of the console. */
export const fullSchema = `${policySchema}\n${allActions.map(declared).join('\n')}\n`;
