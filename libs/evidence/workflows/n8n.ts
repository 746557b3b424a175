import { jsonFormat } from '../documents/format.ts';
import { at, itemsOf, membersOf, type Tree, textIn } from '../documents/tree.ts';
import type { Format } from '../format.ts';
import { Hosts } from '../seen-host.ts';

/** Kinds of credentials that are nobody's in particular. */
const NOBODYS = /^(?:http|oAuth[12])/;
const OF_A_SERVICE = /^([A-Za-z][A-Za-z0-9]{1,60}?)(?:OAuth2|OAuth1)?Api$/;

/**
 * Workflows of n8n as it exports them, one or a list: services by the kinds of their nodes' credentials (`openAiApi`: `openAi`), and hosts
 * of parameters that are URLs as a whole. Names of workflows, nodes and credentials, and all other values, are read past.
 */
export const n8n: Format = jsonFormat(
  {
    id: 'n8n',
    name: 'n8n workflows (services by credentials, hosts)',
    fits: (_, head) =>
      /"nodes"\s*:/.test(head) &&
      /"type"\s*:\s*"(?:n8n-nodes-[a-z0-9-]+|@n8n\/[a-z0-9-]+|@[^"/]{1,100}\/n8n-nodes-[^".]{1,100})\./.test(
        head,
      )
        ? 0.95
        : 0,
  },
  (tree, traces, options) => {
    const hosts = new Hosts(traces, options, 'n8n', 'configured');
    for (const workflow of tree.is === 'list' ? tree.items : [tree])
      for (const node of itemsOf(at(workflow, 'nodes'))) {
        // One that is switched off goes nowhere.
        const disabled = at(node, 'disabled');
        if (disabled?.is === 'leaf' && disabled.value === true) continue;
        for (const [kind, { line }] of membersOf(at(node, 'credentials'))) {
          const [, service] = OF_A_SERVICE.exec(kind) ?? [];
          if (service === undefined || NOBODYS.test(kind)) continue;
          traces.saw({ kind: 'service', value: service, grade: 'configured', line, detail: { via: 'n8n' } });
        }
        tellUrls(at(node, 'parameters'), hosts);
      }
  },
);

/** An expression (`=https://{{ … }}`) names no host. */
function tellUrls(tree: Tree | undefined, hosts: Hosts): void {
  if (tree === undefined) return;
  const text = textIn(tree);
  if (text !== undefined) {
    if (/^https?:\/\/[^\s{}]{1,2000}$/i.test(text)) hosts.url(text, { line: tree.line }, 'parameters');
    return;
  }
  for (const [, inner] of membersOf(tree)) tellUrls(inner, hosts);
  for (const item of itemsOf(tree)) tellUrls(item, hosts);
}
