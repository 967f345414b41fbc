// Money is integers in minor units, as the API has it; here it becomes text and comes from text, never through a float.

const formats = new Map<string, Intl.NumberFormat>();

/** How many digits the currency has behind the point. */
export function digitsOf(currency: string): number {
  return formatOf(currency).resolvedOptions().maximumFractionDigits ?? 2;
}

/** "€1,234.50" for 123450 and EUR. */
export function showMoney(amount: number, currency: string): string {
  return formatOf(currency).format(amount / 10 ** digitsOf(currency));
}

/** Minor units for what somebody typed ("12.5", "1,200.00"), or null for what is no amount above zero. */
export function readMoney(typed: string, currency: string): number | null {
  const digits = digitsOf(currency);
  const match = /^(\d{1,15})(?:\.(\d*))?$/.exec(typed.trim().replaceAll(",", ""));
  if (match === null) return null;
  const [, whole = "", part = ""] = match;
  if (part.length > digits) return null;
  const amount = Number(whole + part.padEnd(digits, "0"));
  return amount > 0 && Number.isSafeInteger(amount) ? amount : null;
}

/** What readMoney reads as this amount: "12.50". */
export function typeMoney(amount: number, currency: string): string {
  const digits = digitsOf(currency);
  const text = String(amount).padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function formatOf(currency: string): Intl.NumberFormat {
  let format = formats.get(currency);
  if (format === undefined) {
    format = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "narrowSymbol" });
    formats.set(currency, format);
  }
  return format;
}
