// Who answers where there is no server: the page itself, from the exported module.

import { RefusedError, type Answered, type Asked, type Host, type Kind } from "../host.ts";
import type { AskSamples, Draw, Entered, Samples as SamplesAnswer } from "../messages.ts";
import { TEXTS } from "../texts.ts";
import { DIGIT, fittedPicture, preparedDigit } from "./digits.ts";
import { Looking } from "./looking.ts";
import { DATA, OWN, type Row, type Samples } from "./samples.ts";

type Answers = { readonly [K in Kind]?: (question: Asked<K>) => Answered<K> };

export class OfflineHost implements Host {
  private readonly answers: Answers;

  constructor(readonly samples: Samples) {
    const looking = new Looking(samples);
    this.answers = {
      AskAbout: () => looking.about(),
      AskStatus: () => ({ runs: [], hands: 0, can_undo: false, can_redo: false }),
      Look: (question) => looking.look(question),
      AskNeuron: (question) => looking.neuron(question),
      AskSamples: (question) => this.some(question),
      Draw: (question) => this.draw(question),
      Enter: ({ values }) => this.entered(samples.addTyped(Float32Array.from(values))),
    };
  }

  async ask<K extends Kind>(kind: K, question: Asked<K>): Promise<Answered<K>> {
    const answer = this.answers[kind];
    if (answer === undefined) throw new RefusedError(TEXTS.offline.noAnswer(kind));
    return answer(question);
  }

  onChange(): void {
    // Who answers is the page itself, and is always there.
  }

  close(): void {
    // There is nothing to end.
  }

  private entered(row: number): Entered {
    return { row, x: Float32Array.from(this.samples.row({ set: OWN, row })) };
  }

  /** Rows to choose from, as bytes for small pictures. */
  private some({ set, first, count, wrong }: AskSamples): SamplesAnswer {
    const { samples } = this;
    const all = Array.from({ length: set === DATA ? samples.count : samples.ownCount }, (_, row) => ({ set, row }));
    const wanted = wrong ? all.filter((sample) => samples.isWrong(sample)) : all;
    const shown = wanted.slice(first, first + count);
    const x = new Uint8Array(shown.length * samples.network.inputs);
    shown.forEach((sample, place) => x.set(this.bytes(samples.row(sample)), place * samples.network.inputs));
    return {
      rows: Int32Array.from(shown, ({ row }) => row),
      x,
      truths: shown.map((sample) => samples.truth(sample)),
      says: shown.map((sample) => samples.says(sample)),
      total: wanted.length,
      python: "",
    };
  }

  /** A row as bytes, from no ink to full ink. */
  bytes(row: Row): Uint8Array {
    const [paper, ink] = this.samples.beside.ink;
    return Uint8Array.from(row, (value) => Math.max(0, Math.min(255, Math.round((255 * (value - paper)) / (ink - paper || 1)))));
  }

  private draw({ pixels, side, row }: Draw): Entered {
    const { beside } = this.samples;
    const [height, width] = beside.image ?? [0, 0];
    const grey = { height: side, width: side, pixels: Uint8Array.from(atob(pixels), (sign) => sign.charCodeAt(0)) };
    const made = height === DIGIT && width === DIGIT ? preparedDigit(grey) : fittedPicture(grey, height, width);
    if (made === null) throw new RefusedError(TEXTS.offline.tooFaint);
    const [paper, ink] = beside.ink;
    const given = paper === 0 && ink === 255 ? made : Float32Array.from(made, (byte) => paper + ((ink - paper) * byte) / 255);
    return this.entered(this.samples.add(given, row));
  }
}
