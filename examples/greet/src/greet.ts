// The plug-in behind `@hl/host/greet.wasm`.

export function greet(name: string): string {
  return `Hello, ${name}!`;
}
