// The plug-in: untrusted code with an npm package in it, which becomes plugin.wasm and runs in a micro-VM.

import { resolveLink } from 'hl:markdown/links';
import { WitError } from '@hl/guest-js/guest';
import { createRenderer } from './markdown.js';

const render = createRenderer(resolveLink);

export const renderer = {
  render(page: string, markdown: string): string {
    const rendered = render(page, markdown);
    if (!rendered.ok) throw new WitError(rendered.deadLinks);
    return rendered.html;
  },
};
