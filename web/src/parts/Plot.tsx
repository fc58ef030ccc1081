// Curves, drawn by uPlot in the page's colours, with a table of their numbers for those who do not see them.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { colours } from "../theme.ts";

export interface Series {
  label: string;
  colour: string;
  dash?: number[];
  points?: boolean;
  values: ArrayLike<number | null | undefined>;
}

interface Props {
  label: string;
  x: ArrayLike<number>;
  xLabel: string;
  series: Series[];
  height?: number;
  logarithmic?: boolean;
  /** A vertical line, such as the step that is looked at. */
  mark?: number | null;
  onPick?: (x: number) => void;
}

export function Plot({ label, x, xLabel, series, height = 160, logarithmic = false, mark = null, onPick }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const marked = useRef<number | null>(mark);
  const picked = useRef(onPick);
  picked.current = onPick;
  const shape = JSON.stringify([series.map((one) => [one.label, one.colour, one.dash, one.points]), xLabel, logarithmic, colours.value.dark, height]);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const { faint, line } = colours.value;
    const axis = { stroke: faint, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "11px system-ui" };
    const made = new uPlot(
      {
        width: Math.max(120, element.clientWidth),
        height,
        legend: { show: false },
        cursor: { drag: { x: false, y: false } },
        scales: { x: { time: false }, y: logarithmic ? { distr: 3 } : {} },
        axes: [{ ...axis, label: xLabel, size: 26, labelSize: 14, labelFont: "11px system-ui", gap: 3 }, { ...axis, size: 52, space: 22 }],
        series: [
          {},
          ...series.map((one) => ({
            label: one.label,
            stroke: one.colour,
            width: 1.5,
            ...(one.dash ? { dash: one.dash } : {}),
            points: { show: one.points ?? false, size: 5 },
          })),
        ],
        hooks: {
          draw: [
            (drawn) => {
              if (marked.current === null) return;
              const at = drawn.valToPos(marked.current, "x", true);
              drawn.ctx.save();
              drawn.ctx.strokeStyle = colours.value.accent;
              drawn.ctx.lineWidth = 2;
              drawn.ctx.beginPath();
              drawn.ctx.moveTo(at, drawn.bbox.top);
              drawn.ctx.lineTo(at, drawn.bbox.top + drawn.bbox.height);
              drawn.ctx.stroke();
              drawn.ctx.restore();
            },
          ],
        },
      },
      [Array.from(x), ...series.map((one) => Array.from(one.values))] as uPlot.AlignedData,
      element,
    );
    const click = (): void => {
      const left = made.cursor.left ?? -1;
      if (left >= 0) picked.current?.(made.posToVal(left, "x"));
    };
    made.over.addEventListener("click", click);
    const sizes = new ResizeObserver(() => made.setSize({ width: Math.max(120, element.clientWidth), height }));
    sizes.observe(element);
    plot.current = made;
    return () => {
      sizes.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => {
    plot.current?.setData([Array.from(x), ...series.map((one) => Array.from(one.values))] as uPlot.AlignedData);
  }, [x, ...series.map((one) => one.values)]);
  useEffect(() => {
    marked.current = mark;
    plot.current?.redraw(false);
  }, [mark]);
  return <div class="plot" role="img" aria-label={label} ref={place} />;
}
