import { qrIn } from '@drawbridge/authenticity';
import { Problem } from '../platform/index.ts';
import { mailOfMsg } from './msg.ts';
import { LARGEST, type Reading } from './types.ts';

/** Of a picture: bytes of the file, and pixels once it is unpacked (64 MB of memory). */
const PICTURE = { bytes: 10 * 1024 * 1024, pixels: 16_000_000 };

const TYPES = 'message/rfc822, application/vnd.ms-outlook, text/plain, image/png, image/jpeg or image/webp';

/** Reads Outlook's files and pictures. Bounds hold before anything is unpacked. */
export const reading: Reading = {
  async mailOf(type, bytes) {
    if (bytes.length > LARGEST)
      throw new Problem(413, 'too_large', `A message has at most ${LARGEST} bytes here.`);
    if (type === 'application/vnd.ms-outlook') {
      return {
        form: 'mail',
        raw: mailOfMsg(bytes),
        arrival: 'inline',
        note: 'Outlook’s file does not hold the message as it was sent, so its signature can not be checked. Forward it as an attachment.',
      };
    }
    if (type === 'image/webp') {
      if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP')
        throw unreadable('is no WebP picture');
      return pictured(
        [],
        'WebP pictures are not looked into: hand it in as PNG or JPEG to have QR codes read.',
      );
    }
    if (type === 'image/png' || type === 'image/jpeg') {
      const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
      const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
      if (type === 'image/png' ? !isPng : !isJpeg)
        throw unreadable('is not the picture that it is said to be');
      if (bytes.length > PICTURE.bytes)
        throw new Problem(413, 'too_large', `A picture has at most ${PICTURE.bytes} bytes here.`);
      return pictured(qrIn([{ bytes }], PICTURE).found, null);
    }
    throw new Problem(415, 'unknown_type', `Hand in one of ${TYPES}, by its content-type.`);
  },
};

const unreadable = (text: string): Problem =>
  new Problem(422, 'unreadable_file', `The file ${text}. Hand in the picture as it was taken.`);

function pictured(codes: readonly string[], note: string | null): Awaited<ReturnType<Reading['mailOf']>> {
  const what =
    codes.length === 0
      ? 'No QR code was found in it.'
      : `Its QR code says: ${codes.map((code) => code.replaceAll(/\p{Cc}+/gu, ' ')).join('\n')}`;
  return {
    form: 'text',
    raw: Buffer.from(`A picture of a message. The words in a picture are not read.\n${what}\n`, 'utf8'),
    arrival: 'text',
    note:
      note ??
      'The words in a picture are not read, only QR codes. Paste the text, or hand in the message itself.',
  };
}
