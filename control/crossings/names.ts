import { EGRESS } from '@drawbridge/protocol';

/** What stands in lists where a crossing has no connection, as it went through the egress proxy. */
export const EGRESS_NAME = 'Egress proxy';

/** Names of what other capabilities own, by id. An id that is not in the answer is shown as itself. */
export interface Names {
  connections(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  apps(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface Named {
  id: string;
  name: string;
}

/** Gives each id its name, asking once for all of them. */
export async function nameAll(
  names: Names,
  rows: readonly { connection: string; app: string }[],
): Promise<{ connection(id: string): Named; app(id: string): Named }> {
  const [connections, apps] = await Promise.all([
    names.connections([...new Set(rows.map((row) => row.connection))]),
    names.apps([...new Set(rows.map((row) => row.app))]),
  ]);
  return {
    connection: (id) => ({ id, name: id === EGRESS ? EGRESS_NAME : (connections.get(id) ?? id) }),
    app: (id) => ({ id, name: apps.get(id) ?? id }),
  };
}
