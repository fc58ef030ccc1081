// Who answers the page's questions: a server behind a socket, or the kernel of a notebook.

import type { Exchange, Refused } from "./messages.ts";
import { readMessage, withArrays } from "./wire.ts";

export type Kind = keyof Exchange;
export type Asked<K extends Kind> = Exchange[K][0];
export type Answered<K extends Kind> = Exchange[K][1];

export interface Host {
  /** Ask one question; the answer comes whole, or the promise is broken with a `RefusedError`. */
  ask<K extends Kind>(kind: K, question: Asked<K>): Promise<Answered<K>>;
  /** Called with whether somebody is there to answer, whenever that changes. */
  onChange(listener: (there: boolean) => void): void;
  close(): void;
}

/** A question that was refused; its message says what was wrong and what to do. */
export class RefusedError extends Error {}

/** The host has gone away. */
export class GoneError extends Error {}

interface Waiting {
  resolve(content: unknown): void;
  reject(error: Error): void;
}

/** Which promise belongs to which number. */
class Waitlist {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  add(): { id: number; promise: Promise<unknown> } {
    const id = ++this.last;
    const promise = new Promise<unknown>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    return { id, promise };
  }

  settle(id: number, answer: string, content: unknown): void {
    const one = this.waiting.get(id);
    this.waiting.delete(id);
    if (answer === "Refused") one?.reject(new RefusedError((content as Refused).message));
    else one?.resolve(content);
  }

  giveUp(): void {
    for (const one of this.waiting.values()) one.reject(new GoneError("The connection was lost."));
    this.waiting.clear();
  }
}

/** A host behind a WebSocket; it comes back by itself when the server does. */
export class SocketHost implements Host {
  private readonly waitlist = new Waitlist();
  private readonly listeners: ((there: boolean) => void)[] = [];
  private socket: WebSocket;
  private opened: Promise<void>;
  private closed = false;

  constructor(private readonly url: string) {
    [this.socket, this.opened] = this.connect();
  }

  private connect(): [WebSocket, Promise<void>] {
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => {
      const { id, answer, content } = readMessage(event.data as ArrayBuffer);
      this.waitlist.settle(id, answer, content);
    };
    const opened = new Promise<void>((resolve) => {
      socket.onopen = () => {
        resolve();
        for (const listener of this.listeners) listener(true);
      };
    });
    socket.onclose = () => {
      this.waitlist.giveUp();
      for (const listener of this.listeners) listener(false);
      if (!this.closed) setTimeout(() => ([this.socket, this.opened] = this.connect()), 1000);
    };
    return [socket, opened];
  }

  async ask<K extends Kind>(kind: K, question: Asked<K>): Promise<Answered<K>> {
    await this.opened;
    const { id, promise } = this.waitlist.add();
    this.socket.send(JSON.stringify({ id, ask: kind, ...question }));
    return (await promise) as Answered<K>;
  }

  onChange(listener: (there: boolean) => void): void {
    this.listeners.push(listener);
  }

  close(): void {
    this.closed = true;
    this.socket.close();
  }
}

/** What we use of anywidget's model. */
export interface WidgetModel {
  send(content: unknown): void;
  on(name: "msg:custom", callback: (message: unknown, buffers: DataView[]) => void): void;
  off(name: "msg:custom", callback: (message: unknown, buffers: DataView[]) => void): void;
}

/** A host in the kernel of a notebook, reached by custom messages. */
export class WidgetHost implements Host {
  private readonly waitlist = new Waitlist();
  private static count = 0;
  private readonly view = `${Date.now()}-${++WidgetHost.count}`; // each view of a widget hears the answers of all

  constructor(private readonly model: WidgetModel) {
    model.on("msg:custom", this.heard);
  }

  private readonly heard = (message: unknown, buffers: DataView[]): void => {
    const header = message as { id: number; answer: string; view: string };
    if (header.view !== this.view) return;
    const buffer = buffers[0];
    const copy = buffer ? buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) : new ArrayBuffer(0);
    this.waitlist.settle(header.id, header.answer, withArrays(header, copy as ArrayBuffer));
  };

  async ask<K extends Kind>(kind: K, question: Asked<K>): Promise<Answered<K>> {
    const { id, promise } = this.waitlist.add();
    this.model.send({ id, ask: kind, view: this.view, ...question });
    return (await promise) as Answered<K>;
  }

  onChange(): void {
    // A kernel that has gone takes its widgets along.
  }

  close(): void {
    this.model.off("msg:custom", this.heard);
    this.waitlist.giveUp();
  }
}
