// What is not there yet is refused before anything runs, by its name.
import { expect, test } from 'vitest';
import { eachRuntime, guestPath } from '../support/runtimes.js';

eachRuntime('async', ({ api }) => {
  test.each([
    ['stream', /stream/],
    ['future', /future/],
    ['function', /async/],
    ['error-context', /error-context/],
  ])('%s', async (feature, named) => {
    const component = guestPath(`async-${feature}`);
    const refused = { code: 'ERR_HL_COMPONENT_UNSUPPORTED', message: expect.stringMatching(named) };
    await expect(api.Component.load(component)).rejects.toMatchObject(refused);
    await expect(api.Sandbox.create({ component })).rejects.toMatchObject(refused);
  });
});
