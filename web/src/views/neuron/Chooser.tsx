// Any neuron, by its layer and its number.

import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";

export function Chooser() {
  const explorer = useExplorer();
  const layers = explorer.about.value?.layers ?? [];
  const selected = explorer.selected.value;
  const layer = selected?.layer ?? 0;
  const width = layers[layer]?.width ?? 1;
  const open = (place: number, node: number): void => {
    const most = (layers[place]?.width ?? 1) - 1;
    explorer.select({ layer: place, node: Math.max(0, Math.min(most, node)), input: null });
  };
  return (
    <div class="row" role="group" aria-label={TEXTS.neuron.chooser}>
      <label>
        {TEXTS.neuron.layer}{" "}
        <select data-testid="choose-layer" value={layer} onChange={(event) => open(Number(event.currentTarget.value), selected?.node ?? 0)}>
          {layers.map((one, place) => (
            <option key={one.name} value={place}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="small" aria-label={TEXTS.neuron.before} disabled={!selected?.node} onClick={() => open(layer, (selected?.node ?? 0) - 1)}>
        ‹
      </button>
      <label>
        {TEXTS.neuron.node(width)}{" "}
        <input
          type="number"
          data-testid="choose-node"
          min={1}
          max={width}
          value={selected ? selected.node + 1 : ""}
          onChange={(event) => open(layer, Math.round(event.currentTarget.valueAsNumber || 1) - 1)}
        />
      </label>
      <button
        type="button"
        class="small"
        aria-label={TEXTS.neuron.after}
        disabled={selected !== null && selected.node >= width - 1}
        onClick={() => open(layer, selected ? selected.node + 1 : 0)}
      >
        ›
      </button>
    </div>
  );
}
