/** No six months are longer (Regulation (EU) 2024/1689, Articles 19(1) and 26(6)). */
export const LEAST_LOG_DAYS = 184;

/** How many days is kept what the control plane has. */
export interface KeepDays {
  /** Segments of the journal: a control plane that was restored from a backup can be shipped them again. */
  segments: number;
  /** The log's bundles of entries; their hashes are kept for ever. */
  log: number;
}

export const defaultKeepDays: KeepDays = { segments: 7, log: LEAST_LOG_DAYS };
