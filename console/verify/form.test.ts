import fc from 'fast-check';
import { expect, test } from 'vitest';
import { typeOfFile, typeOfText } from './form.ts';

const head = 'Received: by mx.example\r\n (from somewhere)\r\nFrom: a@b.example\r\nSubject: Hello\r\n';

test('a file is what its ending says, else what the browser says, else nothing', () => {
  expect(typeOfFile({ name: 'Alert.EML', type: '' })).toBe('message/rfc822');
  expect(typeOfFile({ name: 'alert.msg', type: 'application/octet-stream' })).toBe(
    'application/vnd.ms-outlook',
  );
  expect(typeOfFile({ name: 'image', type: 'image/png' })).toBe('image/png');
  expect(typeOfFile({ name: 'a.exe', type: 'application/x-msdownload' })).toBeNull();
});

test('a paste with the head of a mail is a mail, and anything else is text', () => {
  expect(typeOfText(`${head}\r\nYour key was disabled.`)).toBe('message/rfc822');
  expect(typeOfText(`\n\n${head}`)).toBe('message/rfc822');
  // What a mail program copies of a mail that is open: no head of it is whole.
  expect(typeOfText('From: OpenAI\nYour key was disabled.\nSubject: x\nDate: today')).toBe('text/plain');
  expect(typeOfText('OpenAI: your key was disabled. Go to openai-keys.example')).toBe('text/plain');
});

test('whatever stands behind the head changes nothing, and no text takes long', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(typeOfText(`${head}\r\n${text}`)).toBe('message/rfc822');
      expect(['message/rfc822', 'text/plain']).toContain(typeOfText(text));
    }),
  );
  const began = performance.now();
  typeOfText('a'.repeat(5_000_000));
  expect(performance.now() - began).toBeLessThan(200);
});
