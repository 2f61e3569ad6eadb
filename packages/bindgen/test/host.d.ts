// Owns the stand-in for @hl/host's types that generated files are checked against: this package knows no host.

/** Only a type: no value has it. */
declare const types: unique symbol;

export interface World<Imports = unknown, Exports = unknown, ContextExports = Exports> {
  readonly descriptor: import('../src/descriptor.js').WorldDescriptor;
  readonly [types]?: {
    readonly imports: Imports;
    readonly exports: Exports;
    readonly contextExports: ContextExports;
  };
}

/** What an application calls; types only. */
export declare function create<Imports, Exports, ContextExports>(options: {
  world: World<Imports, Exports, ContextExports>;
  imports: Imports;
}): Exports;

/** Likewise, in a context. */
export declare function context<Imports, Exports, ContextExports>(options: {
  world: World<Imports, Exports, ContextExports>;
  imports: Imports;
}): ContextExports;
