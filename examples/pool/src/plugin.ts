// The customer's pricing rules, with two faults: they remember who asked, and never come to an end for one article.

const PRICES = new Map([
  ['anchor', 12_000],
  ['buoy', 4_500],
  ['chart', 900],
]);

const asked: string[] = [];

export function quote(sku: string, quantity: number): number {
  asked.push(sku);
  const price = PRICES.get(sku);
  while (sku === 'moebius-strip');
  if (price === undefined) throw new Error(`no such article: ${sku}`);
  // Whoever asks second pays more: nobody ever does, because each call starts from the same state.
  return price * quantity * asked.length;
}
