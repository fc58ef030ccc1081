// What all views share: which network is looked at, on which step, with which sample, and what is pointed at.

import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext, useEffect, useMemo } from "preact/hooks";
import { GoneError, type Answered, type Asked, type Host, type Kind } from "./host.ts";
import type { About, Looked, RunInfo, Sample, Status, Where } from "./messages.ts";

/** A neuron, by the places of its layer and of itself, both from 0; with `input`, one weight of it. */
export interface Pointed {
  layer: number;
  node: number;
  input: number | null;
}

export type Tab = "sample" | "neuron" | "training" | "hands" | "plane";

const LIVE = 100; // ms between two looks at where a run stands, while steps are made
const IDLE = 1000;
const CALM = 120; // ms between two questions of one view while the time line is scrubbed
const MOST_PICTURES = 64;

export class Explorer {
  readonly about = signal<About | null>(null);
  readonly status = signal<Status | null>(null);
  readonly there = signal(true);
  readonly problem = signal("");
  readonly run = signal("");
  /** The step looked at; null: the run's last, wherever that is. */
  readonly step = signal<number | null>(null);
  readonly sample = signal<Sample | null>(null);
  readonly selected = signal<Pointed | null>(null);
  readonly pointed = signal<Pointed | null>(null);
  readonly tab = signal<Tab>("sample");
  readonly by = signal<"weight" | "contribution">("weight");
  /** Which layers' edges are drawn: the place of the first, and how many. */
  readonly window = signal<{ first: number; count: number }>({ first: 0, count: 12 });
  readonly edges = signal(150);
  /** Whether colours of the network tell activations, or errors on their way back. */
  readonly flow = signal<"forward" | "backward">("forward");
  /** How many layers the sample has reached, on its way forward or back; null: all of them. */
  readonly reached = signal<number | null>(null);
  /** Counts whatever may change numbers beside the step: hands, edits. */
  readonly revision = signal(0);
  /** The last look at the network: the beat that all views follow. */
  readonly looked = signal<Looked | null>(null);

  readonly where: ReadonlySignal<Where> = computed(() => ({ run: this.run.value, step: this.step.value }));
  /** The same, at a pace at which every view can ask of it; the network itself follows `where`. */
  readonly calm = signal<Where>({ run: "", step: null });
  readonly runInfo: ReadonlySignal<RunInfo | null> = computed(
    () => this.status.value?.runs.find((one) => one.name === this.run.value) ?? null,
  );
  readonly training: ReadonlySignal<boolean> = computed(() => this.status.value?.runs.some((one) => one.training) ?? false);

  private timer: ReturnType<typeof setTimeout> | undefined;
  private ends: (() => void)[] = [];
  private closed = false;

  constructor(readonly host: Host) {
    host.onChange((there) => {
      this.there.value = there;
    });
  }

  async begin(): Promise<void> {
    const about = await this.host.ask("AskAbout", {});
    const status = await this.host.ask("AskStatus", {});
    batch(() => {
      this.about.value = about;
      this.status.value = status;
      this.run.value = status.runs[0]?.name ?? "network";
      const data = about.data.find((one) => one.name === about.tested_on) ?? about.data[0];
      if (data && data.rows > 0) this.sample.value = { set: data.name, row: 0 };
    });
    this.ends = [this.lookAlong(), this.calmDown()];
    this.beat();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const end of this.ends) end();
    this.host.close();
  }

  /** Ask, and show on the page why a question was refused; null then. */
  async ask<K extends Kind>(kind: K, question: Asked<K>): Promise<Answered<K> | null> {
    try {
      const answer = await this.host.ask(kind, question);
      return answer;
    } catch (error) {
      if (!(error instanceof GoneError)) this.problem.value = (error as Error).message;
      return null;
    }
  }

  /** Ask for something that changes numbers or runs, and look again. */
  async change<K extends Kind>(kind: K, question: Asked<K>): Promise<Answered<K> | null> {
    const answer = await this.ask(kind, question);
    if (answer === null) return null;
    const status = await this.ask("AskStatus", {});
    batch(() => {
      this.problem.value = "";
      if (status) this.status.value = status;
      this.revision.value++;
    });
    this.beat();
    return answer;
  }

  /** Look at a step; null: follow the run. */
  goTo(step: number | null): void {
    const last = this.runInfo.value?.step ?? 0;
    this.step.value = step === null || step >= last ? null : Math.max(0, Math.round(step));
  }

  show(run: string, step: number | null = null): void {
    batch(() => {
      this.run.value = run;
      this.step.value = step;
    });
  }

  select(pointed: Pointed | null, tab?: Tab): void {
    batch(() => {
      this.selected.value = pointed;
      if (tab) this.tab.value = tab;
    });
  }

  /** The step that is shown now. */
  get shownStep(): number {
    return this.looked.value?.step ?? this.step.value ?? this.runInfo.value?.step ?? 0;
  }

  layerName(place: number): string {
    return this.about.value?.layers[place]?.name ?? "";
  }

  /** Ask where the runs stand, again and again: often while steps are made, seldom else. One question at a time. */
  private beat(): void {
    clearTimeout(this.timer);
    const next = async (): Promise<void> => {
      if (this.closed) return;
      try {
        this.status.value = await this.host.ask("AskStatus", {});
      } catch {
        // Nobody is there; `there` says so.
      }
      clearTimeout(this.timer);
      if (!this.closed) this.timer = setTimeout(() => void next(), this.training.value ? LIVE : IDLE);
    };
    this.timer = setTimeout(() => void next(), this.training.value ? LIVE : IDLE);
  }

  /** Let `calm` follow `where`: at once after a while of rest, else in steps; the last one always comes. */
  private calmDown(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const take = (): void => {
      last = performance.now();
      this.calm.value = this.where.peek();
    };
    const stop = effect(() => {
      const { run } = this.where.value;
      clearTimeout(timer);
      const wait = last + CALM - performance.now();
      if (wait <= 0 || run !== this.calm.peek().run) take();
      else timer = setTimeout(take, wait);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }

  private lookAlong(): () => void {
    return follow(
      this,
      "Look",
      () => ({
        where: this.where.value,
        sample: this.sample.value,
        first: this.window.value.first,
        count: this.window.value.count,
        edges: this.edges.value,
        by: this.sample.value ? this.by.value : "weight",
        pictures: MOST_PICTURES,
      }),
      // What else makes it look again: hands and edits, and steps that were made while it follows.
      () => [this.revision.value, this.step.value === null ? this.runInfo.value?.step : -1, this.there.value],
      (looked) => {
        this.looked.value = looked;
      },
    );
  }
}

/**
 * Ask a question again whenever it, or one of `also`, changes: one at a time, and always the newest at the end.
 * Returns what ends it.
 */
export function follow<K extends Kind>(
  explorer: Pick<Explorer, "ask">,
  kind: K,
  question: () => Asked<K> | null,
  also: () => unknown[],
  take: (answer: Answered<K> | null) => void,
): () => void {
  let wanted: { question: Asked<K> | null; key: string } | null = null;
  let busy = false;
  let last = "";
  let ended = false;
  const go = async (): Promise<void> => {
    while (wanted !== null && wanted.key !== last && !ended) {
      const now = wanted;
      last = now.key;
      if (now.question === null) {
        take(null);
        continue;
      }
      const answer = await explorer.ask(kind, now.question);
      if (answer !== null && !ended) take(answer);
    }
    busy = false;
  };
  const stop = effect(() => {
    const asked = question();
    wanted = { question: asked, key: JSON.stringify([asked, also()]) };
    if (busy) return;
    busy = true;
    queueMicrotask(() => void go());
  });
  return () => {
    ended = true;
    stop();
  };
}

export const ExplorerContext = createContext<Explorer | null>(null);

export function useExplorer(): Explorer {
  const explorer = useContext(ExplorerContext);
  if (explorer === null) throw new Error("There is no explorer here.");
  return explorer;
}

/**
 * The answer to a question that follows whatever is looked at; `question` reads signals, and gives null to ask nothing.
 * It is asked again after hands and edits and, while a run is followed, after each new look at it.
 */
export function useAnswer<K extends Kind>(kind: K, question: () => Asked<K> | null): Signal<Answered<K> | null> {
  const explorer = useExplorer();
  const answer = useMemo(() => signal<Answered<K> | null>(null), [explorer, kind]);
  useEffect(() => {
    return follow(explorer, kind, question, () => beatOf(explorer), (found) => {
      answer.value = found;
    });
  }, [explorer, kind]);
  return answer;
}

/** What changes whenever numbers may have changed, though the question is the same. */
export function beatOf(explorer: Explorer): unknown[] {
  const { revision, step, looked, there } = explorer;
  return [revision.value, step.value === null ? looked.value?.step : -1, there.value];
}
