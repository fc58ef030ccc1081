// Dark or light: as the system says, or as chosen.

import { computed, signal } from "@preact/signals";
import { palette } from "./colours.ts";

const system = typeof matchMedia === "function" ? matchMedia("(prefers-color-scheme: dark)") : null;
const systemDark = signal(system?.matches ?? false);
system?.addEventListener("change", (event) => {
  systemDark.value = event.matches;
});

const chosen = signal<boolean | null>(null);

export const dark = computed(() => chosen.value ?? systemDark.value);
export const colours = computed(() => palette(dark.value));

export function toggleTheme(): void {
  chosen.value = !dark.value;
}
