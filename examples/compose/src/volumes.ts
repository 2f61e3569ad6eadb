// Owns two sandboxes of which one holds what lives in the other: resources, wired from context to context.
import { type Context, Sandbox } from '@hl/host';
import { inRust } from './components.js';
import { type ArchivistContextExports, archivist } from './gen/archivist.js';
import { type WriterExports, writer } from './gen/writer.js';

export interface Desk {
  archive: Context<ArchivistContextExports>;
  writer: Sandbox<WriterExports>;
  close(): Promise<void>;
}

/** The volumes live in the archivist's context; the writer has handles of them, as of any resource of the host's. */
export async function createDesk(): Promise<Desk> {
  const keeper = await Sandbox.create({ world: archivist, component: inRust('archivist') });
  const archive = await keeper.context();
  const user = await Sandbox.create({
    world: writer,
    component: inRust('writer'),
    imports: { 'acme:volumes/archive': archive.exports['acme:volumes/archive'] },
  });
  return {
    archive,
    writer: user,
    async close() {
      await user.close();
      await archive.finish();
      await keeper.close();
    },
  };
}
