import { policySchema } from '@drawbridge/protocol';
import { type Action, allActions } from '../platform/index.ts';

/** Kinds of things that what people do is about, as policies know them: the rest is the deployment's. */
export type ActResource = 'Connection' | 'App' | 'Vendor' | 'Deployment';

const about: Readonly<Record<string, readonly ActResource[]>> = {
  connection: ['Connection'],
  contract: ['Connection'],
  credential: ['Connection'],
  break_glass: ['Connection'],
  rotation: ['Connection'],
  access: ['Connection'],
  app: ['App'],
  key: ['App'],
  workload: ['App'],
  inventory: ['App'],
  facts: ['App', 'Vendor'],
  vendor: ['Vendor'],
  pack: ['Vendor'],
  epoch: ['Vendor'],
  account: ['Vendor'],
};

/** What an action of the console is about; the deployment, too, where the thing is yet to be made, or there are several. */
export function resourcesOf(action: Action): readonly ActResource[] {
  return [...(about[action.split('.')[0] ?? ''] ?? []), 'Deployment'];
}

function declared(action: Action): string {
  return `action "${action}" appliesTo {
  principal: [Person, Token],
  resource: [${resourcesOf(action).join(', ')}],
  context: { hour: Long, weekday: String, level: Long, steppedUp: Bool },
};`;
}

/** The schema that policies are checked against when they are saved: what may cross, and every action of the console. */
export const fullSchema = `${policySchema}\n${allActions.map(declared).join('\n')}\n`;
