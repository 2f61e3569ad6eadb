// Owns how WIT names become JavaScript names.

/** `dark-green` -> `darkGreen`, `HTTP-status` -> `httpStatus`. */
export function lowerCamel(name: string): string {
  return name.toLowerCase().replace(/-(.)/g, (_, first: string) => first.toUpperCase());
}

/** The last part of an interface name: `acme:shop/stock@1.0.0` -> `stock`. */
export function lastPart(name: string): string {
  return name.replace(/@.*$/, '').replace(/^.*\//, '');
}

/** `acme:shop/stock@1.0.0` -> `acme:shop/stock`. */
export function withoutVersion(name: string): string {
  return name.replace(/@.*$/, '');
}
