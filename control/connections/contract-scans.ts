import { sql } from 'kysely';
import type { Db } from '../platform/index.ts';

/** From when on a connection's contract has free text looked through, or has not. */
export interface ContractScan {
  connection: string;
  at: Date;
  looks: boolean;
}

/** Of these connections, oldest first. */
export async function readContractScans(db: Db, connections: readonly string[]): Promise<ContractScan[]> {
  const { rows } = await sql<ContractScan>`
    SELECT connection, created_at AS at, coalesce(rules->'text'->>'scan', 'off') <> 'off' AS looks
      FROM contract_version WHERE connection = ANY (${connections}) ORDER BY connection, version`.execute(db);
  return rows;
}
