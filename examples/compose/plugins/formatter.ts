// Writes amounts as people do.
import type { Money } from 'acme:report/formatter@1.0.0';

export const money: Money = {
  show(cents) {
    const size = cents < 0n ? -cents : cents;
    const digits = size.toString().padStart(3, '0');
    const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
    return `${cents < 0n ? '-' : ''}${whole}.${digits.slice(-2)}`;
  },
};
