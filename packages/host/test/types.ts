// What the public types promise; nothing here runs, `npm run typecheck` reads it.
import { type Context, Pool, Sandbox, type Snapshot, WitError, type World } from '../src/index.ts';

interface Imports {
  'acme:shop/stock': { count(sku: string): number | Promise<number> };
}
interface Exports {
  readonly quotes: { quote(sku: string): Promise<bigint> };
}
declare const shop: World<Imports, Exports>;
declare const quiet: World<Record<never, never>, Exports>;
const component = './pricing.wasm';

export async function worldsGiveTypes(): Promise<void> {
  const imports: Imports = { 'acme:shop/stock': { count: async (sku) => sku.length } };
  const sandbox = await Sandbox.create({ world: shop, component, imports });
  const price: bigint = await sandbox.exports.quotes.quote('A1');
  const viewed: bigint = await sandbox.with({ timeoutMs: 5 }).exports.quotes.quote('A1');
  const context: Context<Exports> = await sandbox.with({ timeoutMs: 5 }).context();
  const kept: bigint = await context.exports.quotes.quote('A1');
  // @ts-expect-error: an argument of another type
  await sandbox.exports.quotes.quote(5);
  // @ts-expect-error: no such function
  await sandbox.exports.quotes.price('A1');
  void [price, viewed, kept];
}

export async function whatIsMissingIsAnError(): Promise<void> {
  // @ts-expect-error: no imports at all
  await Sandbox.create({ world: shop, component });
  // @ts-expect-error: a function of the interface
  await Sandbox.create({ world: shop, component, imports: { 'acme:shop/stock': {} } });
  // @ts-expect-error: a function of another type
  await Sandbox.create({ world: shop, component, imports: { 'acme:shop/stock': { count: () => 'three' } } });
  // @ts-expect-error: the component
  await Sandbox.create({ world: quiet });
  // @ts-expect-error: an option that there is not
  await Sandbox.create({ component, timeoutMs: 5 });
  // @ts-expect-error: a limit that there is not
  await Sandbox.create({ component, limits: { timeout: 5 } });
}

declare const snapshot: Snapshot;

export async function poolsHaveTheTypesOfSandboxes(): Promise<void> {
  const imports: Imports = { 'acme:shop/stock': { count: async (sku) => sku.length } };
  await using pool: Pool<Exports> = await Pool.create({ world: shop, component, imports, size: 4 });
  const price: bigint = await pool.exports.quotes.quote('A1');
  const viewed: bigint = await pool.with({ timeoutMs: 5 }).exports.quotes.quote('A1');
  const context: Context<Exports> = await pool.context();
  const { idle }: { idle: number } = pool.stats;
  await Pool.create({ world: quiet, snapshot, min: 1, max: 8, acquireTimeoutMs: 50 });
  const untypedPool: Pool = await Pool.create({ component });
  // @ts-expect-error: an argument of another type
  await pool.exports.quotes.quote(5);
  // @ts-expect-error: no imports at all
  await Pool.create({ world: shop, component });
  // @ts-expect-error: neither component nor snapshot
  await Pool.create({ world: quiet, size: 2 });
  // @ts-expect-error: an option that there is not
  await Pool.create({ component, sise: 2 });
  void [price, viewed, context, idle, untypedPool];
}

interface Bucket extends AsyncDisposable {
  get(key: string): Promise<string | undefined>;
}
interface ContextExports extends Exports {
  readonly buckets: { readonly Bucket: { create(name: string): Promise<Bucket> } };
}
declare const storing: World<Record<never, never>, Exports, ContextExports>;

export async function resourcesAreThereInContexts(): Promise<void> {
  const sandbox = await Sandbox.create({ world: storing, component });
  // @ts-expect-error: a resource of the component's needs a context
  void sandbox.exports.buckets;
  const context: Context<ContextExports> = await sandbox.context();
  const bucket: Bucket = await context.exports.buckets.Bucket.create('one');
  const value: string | undefined = await context.with({ timeoutMs: 5 }).bind(bucket).get('a');
  const pool = await Pool.create({ world: storing, component });
  await (await pool.context()).exports.buckets.Bucket.create('two');
  const [fork] = await sandbox.fork(1);
  await (await fork!.context()).exports.buckets.Bucket.create('three');
  void value;
}

export async function nothingToImport(): Promise<bigint> {
  const sandbox = await Sandbox.create({ world: quiet, component: new URL('file:///plugin.wasm') });
  return sandbox.exports.quotes.quote('A1');
}

export async function untyped(): Promise<string> {
  const { signal } = new AbortController();
  const sandbox = await Sandbox.create({
    component: new Uint8Array(),
    imports: { stock: { count: () => 3 } },
    signal,
  });
  return sandbox.exports.anything.at.all(1, 'two');
}

export function payloads(): number {
  return new WitError({ code: 5 }).payload.code;
}
