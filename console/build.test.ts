import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildConsole, bundleSources } from './build.ts';

const patience = 180_000;

test('is built once, and left alone while its sources are as they were', { timeout: patience }, async () => {
  const dist = await buildConsole();
  const before = await stat(join(dist, 'index.html'));
  expect(await buildConsole()).toBe(dist);
  expect((await stat(join(dist, 'index.html'))).ino).toBe(before.ino);
});

test('is built again when a package or a neighbour changes, and not for its tests', async () => {
  const files = (await bundleSources()).map((file) => file.replaceAll('\\', '/'));
  for (const part of ['/package-lock.json', '/console/router.tsx', '/libs/minimise/index.ts']) {
    expect(files.filter((file) => file.endsWith(part))).toHaveLength(1);
  }
  expect(files.filter((file) => file.includes('.test.') || file.includes('/testing/'))).toEqual([]);
});

test('needs nothing that the content policy refuses', { timeout: patience }, async () => {
  const dist = await buildConsole();
  const page = await readFile(join(dist, 'index.html'), 'utf8');
  expect(page).not.toMatch(/<style|\sstyle=|<script(?![^>]*\ssrc="\/)/);
  expect(page).not.toMatch(/(?:src|href)="(?!\/)/);
  const styles = (await readdir(join(dist, 'assets'))).filter((name) => name.endsWith('.css'));
  for (const name of styles) {
    expect(await readFile(join(dist, 'assets', name), 'utf8')).not.toMatch(/url\((?!["']?\/assets\/)/);
  }
});

test('is the production build, whoever builds it', { timeout: patience }, async () => {
  const dist = await buildConsole();
  const scripts = (await readdir(join(dist, 'assets'))).filter((name) => name.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(10);
  for (const name of scripts) {
    expect(await readFile(join(dist, 'assets', name), 'utf8')).not.toContain('Download the React DevTools');
  }
});
