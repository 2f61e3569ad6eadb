// Owns the proof that a page rendered in a micro-VM is the page that the same library renders in Node.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithKvm } from '../../../test/support/kvm.js';
import { attempts } from '../src/hostile.js';
import { createResolver } from '../src/links.js';
import { createRenderer } from '../src/markdown.js';
import { outputPath } from '../src/output.js';
import { findPages, LARGE_PAGE, siteRoot } from '../src/pages.js';
import { createSite, renderPage, type SiteSandbox } from '../src/site.js';

const pages = findPages();
const paths = new Set(pages.map(({ path }) => path));

test('the large page is large', () => {
  const large = pages.find(({ path }) => path === LARGE_PAGE);
  expect(Buffer.byteLength(large?.markdown ?? '')).toBeGreaterThan(300 * 1024);
});

test('the large page is what its program writes', () => {
  const program = join(siteRoot, 'examples/markdown/pages/write-handbook.mjs');
  const { status, stderr } = spawnSync(process.execPath, [program, '--check'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

describeWithKvm('the plug-in in a micro-VM', () => {
  let sandbox: SiteSandbox;

  beforeAll(async () => {
    sandbox = await createSite(pages);
  });
  afterAll(() => sandbox?.close());

  test.each(pages)('renders $path as Node does, byte for byte', async (page) => {
    const before = sandbox.stats;
    const { html, cost } = await renderPage(sandbox, page);

    const inNode = createRenderer(createResolver(paths))(page.path, page.markdown);
    expect(inNode).toEqual({ ok: true, html });
    expect(cost.exits).toBeGreaterThan(0);
    expect(cost.pages).toBeGreaterThan(0);
    expect(sandbox.stats.exits).toBeGreaterThan(before.exits);
    expect(sandbox.stats.pages).toBeGreaterThan(before.pages);
  });

  test('a link that leads nowhere is reported with its line', async () => {
    const markdown = 'A [good](README.md) one,\na [bad](nowhere.md) one.\n\n![worse](../../etc/passwd)\n';
    await expect(renderPage(sandbox, { path: 'README.md', markdown })).rejects.toThrow(
      /README\.md:2 links to nowhere\.md.*\nREADME\.md:4 links to \.\.\/\.\.\/etc\/passwd/,
    );
  });

  test.each(attempts)('a plug-in that means harm gets nowhere (%#)', async (attempt) => {
    expect(await attempt()).toMatch(/^\w+/);
  });

  test('the program prints a line for each file and writes its HTML', () => {
    const program = join(siteRoot, 'examples/markdown/dist/main.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    for (const path of paths) {
      expect(stdout).toMatch(new RegExp(`^${path.replaceAll('.', '\\.')}( +[\\d,]+){5}$`, 'm'));
      expect(existsSync(join(siteRoot, outputPath(path)))).toBe(true);
    }
    expect(stdout).toMatch(
      /loops for ever: stopped .*\n.*reads outside its memory: trapped.*\n.*1 again\nThe first plug-in goes on/,
    );
  });
});

test('links lead to pages as HTML, to other files as they are, and never out of the site', () => {
  const resolve = createResolver(new Set(['README.md', 'docs/security.md']));
  expect(resolve('README.md', 'docs/security.md#time')).toBe('docs/security.html#time');
  expect(resolve('docs/security.md', '../README.md')).toBe('../README.html');
  expect(resolve('docs/security.md', '../LICENSE')).toBe('../../LICENSE');
  expect(resolve('README.md', 'LICENSE')).toBe('../LICENSE');
  for (const href of ['..', '../outside', '/etc/passwd', 'missing.md', 'docs/%00', '%', 'docs/../../x']) {
    expect(resolve('README.md', href), href).toBeUndefined();
  }
});
