// Numbers as formulas show them, as src/pellucid/insight/_formula.py does: what is shown is all that a number is worth.

/** A number as it is shown: its value is what its text says. The note stands in brackets behind it. */
export interface Shown {
  kind: "number";
  text: string;
  note: string;
}

export function valueOf(shown: Shown): number {
  return Number(shown.text.replace("inf", "Infinity"));
}

/** A number as its shortest text that gives it back, or, where that is long, rounded to significant digits. */
export function shown(value: number, { digits = 6, single = false, note = "" } = {}): Shown {
  return { kind: "number", text: textOf(value, digits, single), note };
}

function textOf(value: number, digits: number, single: boolean): string {
  if (!Number.isFinite(value)) return String(value).replace("Infinity", "inf").toLowerCase();
  for (let few = 1; few < digits; few++) {
    const text = value.toPrecision(few);
    if ((single ? Math.fround(Number(text)) : Number(text)) === value) return plain(Number(text));
  }
  return plain(Number(value.toPrecision(digits)));
}

/** Plain digits for what is of a usual size, else a power of ten. */
export function plain(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-5 && size < 1e7) return String(value);
  const [digits, exponent] = value.toExponential().split("e");
  const power = Number(exponent);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** The power of ten of its last digit. */
export function lastPlace({ text }: Shown): number {
  const [digits = "", exponent = "0"] = text.split("e");
  return Number(exponent) - (digits.split(".")[1]?.length ?? 0);
}

/** Numbers that stand beneath one another; short ones with as many decimals as the longest of them. */
export function column(values: number[]): Shown[] {
  const all = values.map((value) => shown(value, { single: true }));
  const decimals = Math.max(0, ...all.map((one) => -lastPlace(one)));
  if (decimals === 0 || decimals > 4 || all.some((one) => one.text.includes("e"))) return all;
  return all.map((one) => ({ ...one, text: valueOf(one).toFixed(decimals) }));
}
