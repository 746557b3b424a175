/** Words at a name's end that say only of what kind a company is. */
const FORMS =
  /[\s,]+(?:incorporated|inc|llc|l l c|ltd|limited|gmbh|ag|se|sa|sas|sarl|bv|b v|nv|ab|aps|as|oy|plc|pty|pte|corp|corporation|co|company|kg|ulc|ireland|lp)$/;

/** What a name is compared by: small letters, without marks and without what kind of company it is. `''`: there is no name. */
export function nameKey(name: string): string {
  let key = name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[.]/g, ' ')
    .replaceAll(/[^\p{L}\p{N}&+]+/gu, ' ')
    .trim();
  for (let shorter = key.replace(FORMS, ''); shorter !== key; shorter = key.replace(FORMS, '')) key = shorter;
  return key.slice(0, 200);
}
