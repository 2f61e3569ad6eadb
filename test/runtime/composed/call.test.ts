// Components made of components: by wac into one, and by wiring sandboxes. The guests are those of examples/compose.
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import type { Sandbox, UntypedOptions } from '@hl/host';
import { expect, onTestFinished, test } from 'vitest';
import { type Api, eachRuntime } from '../support/runtimes.js';

const fixture = (name: string): Uint8Array =>
  brotliDecompressSync(
    readFileSync(new URL(`../../../examples/compose/fixtures/${name}.wasm.br`, import.meta.url)),
  );

const money = { show: (cents: bigint): string => `${cents} cents` };
const CSV = 'tea,2.50\nmilk,1.05';
const SUMMARY = expect.stringMatching(/355 cents/);

async function open(api: Api, name: string, imports: UntypedOptions['imports'] = {}): Promise<Sandbox> {
  const sandbox = await api.Sandbox.create({ component: fixture(name), imports });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

eachRuntime('components of components', ({ api }) => {
  test('one that wac composed, is asked only for what the parts do not give each other', async () => {
    const { exports } = await open(api, 'composed', { 'acme:report/money': money });
    expect(await exports['acme:report/report'].render(CSV)).toEqual(SUMMARY);
    await expect(exports['acme:report/report'].render('tea')).rejects.toBeInstanceOf(api.WitError);
    await expect(open(api, 'composed')).rejects.toThrow('acme:report/money');
  });

  test('each in a sandbox of its own, wired by exports', async () => {
    const parser = await open(api, 'parser');
    const { exports } = await open(api, 'reporter', {
      'acme:report/money': money,
      'acme:report/table': parser.exports['acme:report/table'],
    });
    expect(await exports['acme:report/report'].render(CSV)).toEqual(SUMMARY);
    const refused = await exports['acme:report/report'].render('tea').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(api.WitError);
    await parser.close();
    await expect(exports['acme:report/report'].render(CSV)).rejects.toMatchObject({
      code: 'ERR_HL_HOST_FUNCTION',
      cause: { code: 'ERR_HL_CLOSED' },
    });
  });

  test('wired by contexts, with resources of the one in the hands of the other', async () => {
    const archivist = await (await open(api, 'archivist')).context();
    const archive = archivist.exports['acme:volumes/archive'];
    const writer = await (await open(api, 'writer', { 'acme:volumes/archive': archive })).context();
    const minutes = writer.exports['acme:volumes/minutes'];
    expect(await minutes.take('june', ['one', 'two'])).toBe('june\none\ntwo');
    expect(await archive.open()).toBe(0);
    await minutes.hold('july');
    expect(await archive.open()).toBe(1);
    await expect(minutes.fail()).rejects.toBeInstanceOf(api.TrapError);
    await expect.poll(() => archive.open()).toBe(0);
  });
});
