/** What a name looks like at a glance: letters of other scripts, digits and pairs that pass for Latin letters. */

const alike: readonly (readonly [string, string])[] = [
  ['a', 'аɑαạàáâãäåā@4'],
  ['b', 'ЬвБьß8'],
  ['c', 'сϲçćč'],
  ['d', 'ԁɗďđ'],
  ['e', 'еєҽëèéêēėę3'],
  ['f', 'ƒ'],
  ['g', 'ɡġğģ9'],
  ['h', 'һհĥ'],
  ['i', 'іıíìîïīɩ1!|'],
  ['j', 'јʝ'],
  ['k', 'κкķ'],
  ['l', 'ӏłļľ'],
  ['m', 'м'],
  ['n', 'ոпñńņň'],
  ['o', 'оοօ0òóôõöøō'],
  ['p', 'рρ'],
  ['q', 'ԛ'],
  ['r', 'гŕř'],
  ['s', 'ѕśšş5$'],
  ['t', 'тτţť7'],
  ['u', 'υսùúûüūµ'],
  ['v', 'νѵ'],
  ['w', 'ԝшω'],
  ['x', 'хχ'],
  ['y', 'уүýÿ'],
  ['z', 'ʐźżž2'],
];
const letterOf = new Map(alike.flatMap(([letter, all]) => [...all].map((one) => [one, letter] as const)));
const INVISIBLE = /[\p{Cf}\p{Mn}\u{115F}\u{1160}\u{3164}\u{FFA0}]/gu;

/** Letters of one script stay themselves where they look like no Latin one. `l` and `i` are one, since `1` passes for both. */
export function skeletonOf(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase().normalize('NFD').replaceAll(INVISIBLE, '');
  let latin = '';
  for (const one of plain) latin += letterOf.get(one) ?? one;
  return latin.replaceAll('rn', 'm').replaceAll('vv', 'w').replaceAll('l', 'i');
}

const HIDDEN =
  /[\u{AD}\u{115F}\u{1160}\u{180E}\u{200B}-\u{200F}\u{202A}-\u{202E}\u{2060}-\u{2064}\u{2066}-\u{2069}\u{2800}\u{3164}\u{FEFF}\u{FFA0}\u{E0000}-\u{E007F}]/gu;

/** Characters that show nothing, or turn the order of others around. */
export const hasHidden = (text: string): boolean => text.search(HIDDEN) >= 0;

export const withoutHidden = (text: string): string => text.normalize('NFKC').replaceAll(HIDDEN, '');

/** Words of a name, by their skeletons. */
export const wordsOf = (text: string): string[] =>
  skeletonOf(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
