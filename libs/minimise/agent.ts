/** Marks of browser families, in the order in which they must be asked: later marks stand in earlier families' agents. */
const BROWSERS: readonly (readonly [mark: string, family: string])[] = [
  ['edg', 'Edge'],
  ['opr/', 'Opera'],
  ['opera', 'Opera'],
  ['samsung', 'Samsung Internet'],
  ['firefox', 'Firefox'],
  ['fxios', 'Firefox'],
  ['crios', 'Chrome'],
  ['chrome', 'Chrome'],
  ['chromium', 'Chrome'],
  ['trident/', 'Internet Explorer'],
  ['msie', 'Internet Explorer'],
  ['internet explorer', 'Internet Explorer'],
  ['safari', 'Safari'],
];
const LONGEST = 1000;
/** A product with its version (`curl/8.1`), or with a platform and a version (`OpenAI/JS 7.1`). */
const PRODUCT = /^([A-Za-z][A-Za-z0-9_.-]{0,39})\/(?:v?\d|([A-Za-z]{1,20})[ /]v?\d)/;

/** A user agent's or browser name's family, without version; null when it has none that can be told. */
export function familyOf(text: string): string | null {
  if (text.length > LONGEST) return null;
  const lower = text.toLowerCase();
  for (const [mark, family] of BROWSERS) if (lower.includes(mark)) return family;
  const product = PRODUCT.exec(text);
  if (product?.[1] === undefined || product[1] === 'Mozilla') return null;
  return product[2] === undefined ? product[1] : `${product[1]}/${product[2]}`;
}
