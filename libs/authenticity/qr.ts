import jpeg from 'jpeg-js';
import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import type { Part } from './mail.ts';

/** What QR codes in images say. Images that are large for a mail are passed over, and counted. */

type Decode = (
  data: Uint8ClampedArray,
  width: number,
  height: number,
  options: { inversionAttempts: 'attemptBoth' },
) => { data: string } | null;
/** Where its default is found differs between Node and bundlers. */
const decode = (jsqr as unknown as { default: Decode }).default;

const MOST_IMAGES = 10;
const LARGEST = 2 * 1024 * 1024;
const MOST_PIXELS = 4_000_000;

/** What images may be: bytes of a file, pixels of all of them once they are unpacked. */
export interface ImageBounds {
  bytes: number;
  pixels: number;
}

export interface Codes {
  found: string[];
  /** Images that were not looked at. */
  unread: number;
}

export function qrIn(
  parts: readonly (Pick<Part, 'bytes'> & Partial<Part>)[],
  bounds: ImageBounds = { bytes: LARGEST, pixels: MOST_PIXELS },
): Codes {
  const images = parts.filter(({ bytes }) => isPng(bytes) || isJpeg(bytes));
  const codes: Codes = { found: [], unread: Math.max(0, images.length - MOST_IMAGES) };
  let left = bounds.pixels;
  for (const { bytes } of images.slice(0, MOST_IMAGES)) {
    const image = bytes.byteLength <= bounds.bytes ? pixelsOf(bytes, left) : null;
    if (image === null) {
      codes.unread++;
      continue;
    }
    left -= image.width * image.height;
    const found = decode(image.data, image.width, image.height, { inversionAttempts: 'attemptBoth' });
    if (found !== null && found.data !== '') codes.found.push(found.data.slice(0, 2_000));
  }
  return codes;
}

const isPng = (bytes: Uint8Array): boolean => bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e;
const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;

/** Null: it can't be read, or has more pixels than are left to be looked at in a message. */
function pixelsOf(
  bytes: Uint8Array,
  most: number,
): { data: Uint8ClampedArray; width: number; height: number } | null {
  const buffer = Buffer.from(bytes);
  try {
    if (isPng(bytes)) {
      if (!isBoundedPng(buffer, most)) return null;
      const { data, width, height } = PNG.sync.read(buffer);
      return { data: new Uint8ClampedArray(data), width, height };
    }
    const { data, width, height } = jpeg.decode(buffer, {
      maxResolutionInMP: Math.max(0.001, most / 1_000_000),
      maxMemoryUsageInMB: Math.max(64, Math.ceil(most / 1_000_000) * 16),
      useTArray: true,
    });
    return { data: new Uint8ClampedArray(data), width, height };
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

/**
 * Width and height stand at a fixed place: a few bytes can promise a huge image. The reader takes a second head for the true one, and
 * unpacks interlaced images without a bound: such ones are passed over.
 */
function isBoundedPng(buffer: Buffer, mostPixels: number): boolean {
  if (buffer.length < 33 || buffer.toString('latin1', 12, 16) !== 'IHDR') return false;
  const [width, height, interlaced] = [buffer.readUInt32BE(16), buffer.readUInt32BE(20), buffer[28] !== 0];
  return !interlaced && width * height <= mostPixels && buffer.indexOf('IHDR', 16, 'latin1') < 0;
}
