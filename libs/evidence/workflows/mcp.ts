import { baseName, jsonFormat } from '../documents/format.ts';
import { at, itemsOf, membersOf, type Tree, textIn } from '../documents/tree.ts';
import type { Format } from '../format.ts';
import { type Registry, tellPackage } from '../manifests/package.ts';
import { type Names, tellVariable } from '../names/variable.ts';
import { Hosts } from '../seen-host.ts';

/** Runners whose first argument that is no option is a package. */
const runners: ReadonlyMap<string, Registry> = new Map([
  ['npx', 'npm'],
  ['bunx', 'npm'],
  ['uvx', 'pypi'],
  ['pipx', 'pypi'],
]);

/**
 * The MCP servers that an agent may use, as its client lists them (`mcpServers`, or `servers` of `.vscode/mcp.json`): hosts that they
 * are at, packages that they run, names of variables that they get. Values, headers and other arguments are read past.
 */
export const mcpServers: Format = jsonFormat(
  {
    id: 'mcp-servers',
    name: 'MCP servers of an agent (hosts, packages, names of variables)',
    fits: (name, head) => {
      if (/^\.?mcp(?:_config)?\.json$|^claude_desktop_config\.json$/.test(baseName(name))) return 1;
      return /"mcpServers"\s*:/.test(head) ? 0.95 : 0;
    },
  },
  (tree, traces, options) => {
    const names = { traces, hosts: new Hosts(traces, options, 'mcp', 'configured') };
    for (const servers of [at(tree, 'mcpServers'), at(tree, 'servers'), at(tree, 'mcp', 'servers')])
      for (const [, server] of membersOf(servers)) tellServer(names, server);
  },
);

function tellServer(names: Names, server: Tree): void {
  for (const member of ['url', 'serverUrl', 'httpUrl']) {
    const url = at(server, member);
    const text = textIn(url);
    if (url !== undefined && text !== undefined && /^https?:\/\//i.test(text))
      names.hosts.url(text, { line: url.line }, member);
  }
  for (const [name, value] of membersOf(at(server, 'env')))
    tellVariable(names, name, value.line, textIn(value));
  const command = baseName(textIn(at(server, 'command')) ?? '').replace(/\.(?:cmd|exe)$/i, '');
  const registry = runners.get(command);
  if (registry === undefined) return;
  const first = itemsOf(at(server, 'args')).find((one) => {
    const text = textIn(one);
    return text !== undefined && !text.startsWith('-') && !(command === 'pipx' && text === 'run');
  });
  const text = textIn(first);
  if (first === undefined || text === undefined) return;
  const name = text.replace(/(?<=.)@[^/@]*$/, '').replace(/(?:==|\[).*$/s, '');
  tellPackage(names.traces, { registry, name, grade: 'configured', line: first.line });
}
