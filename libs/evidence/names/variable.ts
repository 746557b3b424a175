import type { Hosts } from '../seen-host.ts';
import type { Traces } from '../trace.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,199}$/;
const URL_VALUE = /^["']?(https?:\/\/[^\s"'$<>{}]{1,2000})["']?$/i;

/** Where variables are told: names to `traces`, and the hosts that plain URLs in their values lead to. */
export interface Names {
  traces: Traces;
  hosts: Hosts;
}

/** Tells a variable by its name. Of its value only the host of a plain URL is kept, without user, password, path and query. */
export function tellVariable({ traces, hosts }: Names, name: string, line: number, value?: string): void {
  if (!NAME.test(name)) {
    traces.skip(line, 'this is no name of a variable', 'name');
    return;
  }
  traces.saw({ kind: 'variable', value: name, grade: 'configured', line });
  const [, url] = (value === undefined ? null : URL_VALUE.exec(value.trim())) ?? [];
  if (url !== undefined) hosts.url(url, { line }, 'value');
}
