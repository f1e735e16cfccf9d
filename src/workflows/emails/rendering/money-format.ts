import { LRUCache } from 'lru-cache';

const DECIMAL = /^-?\d{1,20}(\.\d{1,10})?$/;

const formats = new LRUCache<string, Intl.NumberFormat>({ max: 100 });

/**
 * An amount with its currency, `€1,234.50`; a decimal text keeps every digit. What is no amount is written as it is.
 * @throws RangeError when there is no such currency or language
 */
export function formatMoney(value: unknown, currency: unknown, language: unknown = 'en'): unknown {
  const amount = String(value);
  if (!DECIMAL.test(amount)) return value;
  const key = `${String(currency)} ${String(language)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(String(language), { style: 'currency', currency: String(currency) });
    formats.set(key, format);
  }
  return format.format(amount as Intl.StringNumericLiteral);
}
