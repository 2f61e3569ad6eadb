// Owns how WIT names become JavaScript names and keys.

/** `stock-count` as `stockCount`, `HTTP-url` as `httpUrl`. */
export function lowerCamel(name: string): string {
  return name
    .toLowerCase()
    .split('-')
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
}

/** `acme:shop/stock@1.0.0` as `acme:shop/stock`. */
export function withoutVersion(interfaceName: string): string {
  const at = interfaceName.indexOf('@');
  return at < 0 ? interfaceName : interfaceName.slice(0, at);
}

/** `acme:shop/live-stock@1.0.0` as `liveStock`. */
export function shortName(interfaceName: string): string {
  const name = withoutVersion(interfaceName);
  return lowerCamel(name.slice(name.lastIndexOf('/') + 1));
}

/** How messages name a function: `acme:shop/stock@1.0.0#count`, or `greet` at world level. */
export function qualifiedName(interfaceName: string | null, functionName: string): string {
  return interfaceName === null ? functionName : `${interfaceName}#${functionName}`;
}
