import { m } from '../messages/en.ts';

const names = m.factors.passkey.devices;

/** What a browser's user agent says about the device, in words that its owner would use. An iPad calls itself a Mac. */
export function deviceName(userAgent: string, touchPoints = 0): string {
  if (/iPhone|iPod/.test(userAgent)) return names.iphone;
  if (/iPad/.test(userAgent) || (/Macintosh/.test(userAgent) && touchPoints > 1)) return names.ipad;
  if (/Android/.test(userAgent)) return names.android;
  if (/Macintosh/.test(userAgent)) return names.mac;
  if (/Windows/.test(userAgent)) return names.windows;
  return /Linux|X11|CrOS/.test(userAgent) ? names.linux : names.other;
}
