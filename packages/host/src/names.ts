// Owns how WIT names become JavaScript names and keys.

/** `stock-count` as `stockCount`, `HTTP-url` as `httpUrl`. */
export function lowerCamel(name: string): string {
  return name
    .toLowerCase()
    .split('-')
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
}

/** `live-stock` as `LiveStock`. */
export function upperCamel(name: string): string {
  const camel = lowerCamel(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}

/**
 * The key of an exported function. `then` gets an underscore: an object that has one is taken for a promise, so a
 * plug-in could swallow the `await` of whoever returns its exports from an async function.
 */
export function exportKey(functionName: string): string {
  const key = lowerCamel(functionName);
  return key === 'then' ? 'then_' : key;
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
