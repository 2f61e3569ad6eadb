// Owns the public surface of @hl/guest-js.
export { type BuildOptions, type BuiltGuest, buildGuest } from './build.js';
export { ENGINES, type EngineName } from './engines.js';
export { type BuildStage, GuestBuildError } from './errors.js';
export type { BundlePart } from './sizes.js';
export { type WatchOptions, watchGuest } from './watch.js';
export { type WrapModuleOptions, wrapModule } from './wrap-module.js';
