import type { Connection } from '../api/types.ts';

const keyPlaceholder = 'your virtual key (dbk_…)';

/** The gateway's address without the connection's path. */
export function gatewayOf({ gatewayUrl, slug }: Pick<Connection, 'gatewayUrl' | 'slug'>): string {
  const bare = gatewayUrl.replace(/\/$/, '');
  return bare.endsWith(`/${slug}`) ? bare.slice(0, -slug.length - 1) : bare;
}

/** A pack's lines for an SDK with this connection's values put in. */
export function filled(
  code: string,
  connection: Pick<Connection, 'gatewayUrl' | 'slug'>,
  key: string | undefined,
): string {
  const values: Readonly<Record<string, string>> = {
    gateway: gatewayOf(connection),
    connection: connection.slug,
    key: key ?? keyPlaceholder,
  };
  return code
    .replaceAll(/\{(gateway|connection|key)\}/g, (_whole, name: string) => values[name] ?? '')
    .trimEnd();
}
