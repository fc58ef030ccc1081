// One module, two hosts: in a page it finds its place and a server; a notebook's widget calls `render`.

import { render as draw } from "preact";
import "uplot/dist/uPlot.min.css";
import { App } from "./app.tsx";
import { SocketHost, WidgetHost, type Host, type WidgetModel } from "./host.ts";
import { Explorer } from "./store.ts";
import "./style.css";

function mount(host: Host, element: HTMLElement, embedded: boolean): () => void {
  const explorer = new Explorer(host);
  draw(<App explorer={explorer} embedded={embedded} />, element);
  void explorer.begin().catch((error: Error) => (explorer.problem.value = error.message));
  return () => {
    draw(null, element);
    explorer.close();
  };
}

function render({ model, el }: { model: WidgetModel; el: HTMLElement }): () => void {
  return mount(new WidgetHost(model), el, true);
}

export default { render };

const place = typeof document === "undefined" ? null : document.getElementById("pellucid-explorer");
if (place) {
  const address = new URL("socket", document.baseURI);
  address.protocol = "ws:";
  mount(new SocketHost(address.href), place, false);
}
