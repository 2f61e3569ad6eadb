// What the guest's import is; the host side of it is in `src/contestants`.
declare module 'hl:bench/host-api' {
  export function add(left: number, right: number): number;
}
