// How numbers are written. Nothing is computed here.

const MINUS = "−";

/** A number of some significant digits, with a true minus sign; large and small ones as powers of ten. */
export function number(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e-4 && size < 1e7 ? String(Number(value.toPrecision(digits))) : value.toExponential(digits - 1);
  return text.replaceAll("-", MINUS);
}

/** A number with its sign, so that it is told by shape and not by colour alone. */
export function signed(value: number | null | undefined, digits = 4): string {
  const text = number(value, digits);
  return value !== null && value !== undefined && value > 0 ? `+${text}` : text;
}

/** A share as per cent. */
export function percent(value: number | null | undefined, digits = 2): string {
  return value === null || value === undefined || Number.isNaN(value) ? "–" : `${(100 * value).toFixed(digits)} %`;
}

export function count(value: number): string {
  return value.toLocaleString("en");
}

/** What a score is worth: accuracies as per cent, others as numbers. */
export function score(value: number | null, measure: string): string {
  return measure === "accuracy" ? percent(value) : number(value);
}
