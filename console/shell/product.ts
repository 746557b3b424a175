/** A name, and the same in every language. */
export const product = 'Drawbridge';
