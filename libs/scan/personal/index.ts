import type { Emit } from '../types.ts';

/** How far before and after a value its detectors look, in UTF-16 units. */
export const PERSONAL_CONTEXT = 0;
/** No value is longer. */
export const PERSONAL_LENGTH = 0;

/**
 * Personal data whose first character stands at `from` or after it and before `to`. Whether a value is found depends on
 * nothing but its characters and `PERSONAL_CONTEXT` around it.
 */
export function personalScan(
  _text: string,
  _from: number,
  _to: number,
  _out: Emit,
  _level: 'structured' | 'all',
): void {}

/** The same for one value, whose member name is its context. */
export function personalValue(_name: string, _value: string, _out: Emit): void {}
