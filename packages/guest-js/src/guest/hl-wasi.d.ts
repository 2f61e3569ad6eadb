// Describes the WASI interfaces behind `hl:wasi/*`; the bundler puts the full names in their place.
declare module 'hl:wasi/random' {
  const random: { getRandomBytes(hexCount: string): Uint8Array; getRandomU64(): string };
  export default random;
}
declare module 'hl:wasi/stdout' {
  const stdout: { getStdout(): import('./quickjs-wasi.js').OutputStream };
  export default stdout;
}
declare module 'hl:wasi/stderr' {
  const stderr: { getStderr(): import('./quickjs-wasi.js').OutputStream };
  export default stderr;
}
