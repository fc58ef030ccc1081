// Keys that hold everywhere in the page, but where something is typed.

import type { Explorer, Tab } from "./store.ts";

const TABS: Tab[] = ["sample", "neuron", "training", "hands", "plane"];

/** Do what a key asks for; return whether it asked for anything. */
export function pressed(explorer: Explorer, event: KeyboardEvent, help: () => void): boolean {
  const target = event.target as HTMLElement | null;
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  if (target?.matches("input:not([type=range]), select, textarea, [contenteditable]")) return false;
  const run = explorer.runInfo.value;
  switch (event.key) {
    case "p":
      if (run) void explorer.change("Train", { run: run.name, do: run.training ? "pause" : "start", steps: 1, pace: 0 });
      return true;
    case ",":
      explorer.goTo(explorer.shownStep - 1);
      return true;
    case ".":
      if (run && explorer.shownStep >= run.step) {
        void explorer.change("Train", { run: run.name, do: "step", steps: 1, pace: 0 });
        explorer.goTo(null);
      } else explorer.goTo(explorer.shownStep + 1);
      return true;
    case "[":
    case "]":
      return nextSample(explorer, event.key === "]" ? 1 : -1);
    case "u":
    case "r":
      void explorer.change("HandBack", { where: explorer.where.value, do: event.key === "u" ? "undo" : "redo" });
      return true;
    case "?":
      help();
      return true;
  }
  const tab = TABS[Number(event.key) - 1];
  if (tab && event.key.length === 1) explorer.tab.value = tab;
  return tab !== undefined;
}

export function nextSample(explorer: Explorer, way: number): boolean {
  const sample = explorer.sample.value;
  const rows = explorer.about.value?.data.find((one) => one.name === sample?.set)?.rows ?? 0;
  if (sample && rows > 0) explorer.sample.value = { set: sample.set, row: (sample.row + way + rows) % rows };
  return sample !== null;
}
