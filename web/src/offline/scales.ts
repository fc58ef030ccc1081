// Colour scales that do not move with the sample: the same colour is the same number, whatever is looked at.

/** The next of 1, 1.5, 2, 3, 5, 7, 10, 15, … (and their tenths) that is not smaller. */
export function roundedUp(size: number): number {
  if (!(size > 0) || !Number.isFinite(size)) return 1;
  const ten = 10 ** Math.floor(Math.log10(size));
  const step = [1, 1.5, 2, 3, 5, 7].find((one) => size <= one * ten * (1 + 1e-9)) ?? 10;
  return Number((step * ten).toPrecision(2));
}

export function greatest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] ?? 0));
  return most;
}

/** Scales by name, each the round number that holds whatever was met; they grow, and never shrink. */
export class Scales {
  private readonly found = new Map<string, number>();

  of(name: string, met: ArrayLike<number>): number {
    const size = greatest(met);
    const known = this.found.get(name) ?? 0;
    if (size <= known) return known || 1; // where there was nothing yet, nothing is decided
    const wider = roundedUp(size);
    this.found.set(name, wider);
    return wider;
  }
}
