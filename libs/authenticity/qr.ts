import jpeg from 'jpeg-js';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import type { Part } from './mail.ts';

/** What QR codes in images say. Images that are large for a mail, or not whole, are passed over. */

const MOST_IMAGES = 5;
const LARGEST = 2 * 1024 * 1024;
const MOST_PIXELS = 4_000_000;

export function qrIn(parts: readonly Part[]): string[] {
  return parts
    .filter(({ bytes }) => bytes.byteLength <= LARGEST)
    .flatMap(({ bytes }) => (isPng(bytes) || isJpeg(bytes) ? [bytes] : []))
    .slice(0, MOST_IMAGES)
    .flatMap((bytes) => {
      const image = pixelsOf(bytes);
      if (image === null) return [];
      const found = jsQR.default(image.data, image.width, image.height, { inversionAttempts: 'attemptBoth' });
      return found === null || found.data === '' ? [] : [found.data.slice(0, 2_000)];
    });
}

const isPng = (bytes: Uint8Array): boolean => bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e;
const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;

/** Null: it can't be read, or would take more memory than an image of a mail should. */
function pixelsOf(bytes: Uint8Array): { data: Uint8ClampedArray; width: number; height: number } | null {
  const buffer = Buffer.from(bytes);
  try {
    if (isPng(bytes)) {
      // Width and height stand at a fixed place: a few bytes can promise a huge image.
      if (buffer.length < 24 || buffer.readUInt32BE(16) * buffer.readUInt32BE(20) > MOST_PIXELS) return null;
      const { data, width, height } = PNG.sync.read(buffer);
      return { data: new Uint8ClampedArray(data), width, height };
    }
    const { data, width, height } = jpeg.decode(buffer, {
      maxResolutionInMP: MOST_PIXELS / 1_000_000,
      maxMemoryUsageInMB: 64,
      useTArray: true,
    });
    return { data: new Uint8ClampedArray(data), width, height };
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
