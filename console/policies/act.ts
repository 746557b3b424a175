/** Which sheet of a page is open, and of which thing: as the address says. */
export interface Act {
  act: string | undefined;
  of: string | undefined;
  set: (act: string | undefined, of: string | undefined) => void;
}
