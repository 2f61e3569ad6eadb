// What worlds are made of: includes, functions and types of their own, inline interfaces, both sides, two versions.
import { expect, test } from 'vitest';
import { eachRuntime, guestPath } from '../support/runtimes.js';

function imports() {
  const logged: string[] = [];
  let counter = 40;
  return {
    logged,
    imports: {
      log: (text: string) => void logged.push(text),
      find: (id: number) => (id === 7 ? { id, text: 'seven' } : undefined),
      'test:worlds/shared': {
        twice: ({ id, name }: { id: number; name: string }) => ({ id: id * 2, name: `${name}!` }),
      },
      'acme:versions/api@1.0.0': { describe: (value: number) => `number ${value}` },
      'acme:versions/api@2.0.0': { describe: (value: string) => [value, 'text'] },
      local: { next: () => ++counter },
    },
  };
}

eachRuntime('worlds', ({ sandbox, api }) => {
  test('what is included, is there, by the name that the world gives it', async () => {
    const { imports: given, logged } = imports();
    const { exports } = await sandbox('worlds', { imports: given });
    expect(await exports.baseName()).toBe('base');
    expect(logged).toEqual(['base-name']);
    expect(await exports.labelOfNamed()).toBe('named');
    expect(exports.label).toBeUndefined();
  });

  test("a world's own functions and types, in both directions", async () => {
    const { exports } = await sandbox('worlds', { imports: imports().imports });
    expect(await exports.findTwice(6)).toEqual([{ id: 7, text: 'seven' }]);
    expect(await exports.findTwice(8)).toEqual([]);
  });

  test('an interface that is both imported and exported', async () => {
    const { exports } = await sandbox('worlds', { imports: imports().imports });
    const answer = { id: 12, name: 'a!a!' };
    expect(await exports.shared.twice({ id: 3, name: 'a' })).toEqual(answer);
    expect(await exports['test:worlds/shared'].twice({ id: 3, name: 'a' })).toEqual(answer);
  });

  test('two versions of one package are two interfaces', async () => {
    const { exports } = await sandbox('worlds', { imports: imports().imports });
    expect(await exports['acme:versions/api@1.0.0'].describe(1)).toBe('number 2');
    expect(await exports['acme:versions/api@2.0.0'].describe('a')).toEqual(['a!', 'text']);
    for (const key of ['api', 'acme:versions/api']) expect(() => exports[key]).toThrow('could mean each of');
  });

  test('two versions in imports have to be told apart', async () => {
    const { imports: given } = imports();
    const { 'acme:versions/api@1.0.0': first, ...rest } = given;
    const rejected = sandbox('worlds', { imports: { ...rest, 'acme:versions/api': first } });
    await expect(rejected).rejects.toThrow("imports['acme:versions/api']: it could mean each of");
  });

  test('inline interfaces, in both directions', async () => {
    const { exports } = await sandbox('worlds', { imports: imports().imports });
    expect(await exports.counting.pairs()).toEqual({ first: 41, second: 42 });
  });

  test('everything that is missing is told at once, as text to paste', async () => {
    const error = await sandbox('worlds', { imports: {} }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(api.LinkError);
    const { missing, skeleton } = error as InstanceType<typeof api.LinkError>;
    expect(missing.map((one) => `${one.interface ?? ''}#${one.name}`).sort()).toEqual([
      '#find',
      '#log',
      'acme:versions/api@1.0.0#describe',
      'acme:versions/api@2.0.0#describe',
      'local#next',
      'test:worlds/shared#twice',
    ]);
    expect(skeleton).toContain("'acme:versions/api@1.0.0': {");
  });
});

eachRuntime('an instance within an instance', ({ api }) => {
  test('is refused by its name, for WIT cannot describe it', async () => {
    await expect(api.Component.load(guestPath('worlds-nested'))).rejects.toMatchObject({
      code: 'ERR_HL_COMPONENT_UNSUPPORTED',
      message: expect.stringMatching(/acme:nest\/outer.*inner/),
    });
  });
});
