import type { RunEvent } from "../experiment/event.ts";

type Step = IteratorResult<RunEvent>;

/** One iteration over the events of a sweep: keeps what was told until it is asked for. */
class Subscriber implements AsyncIterableIterator<RunEvent> {
  #queue: RunEvent[] = [];
  #head = 0;
  #waiting: { readonly resolve: (step: Step | Promise<Step>) => void }[] = [];
  #done = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #leave: (subscriber: Subscriber) => void;

  constructor(leave: (subscriber: Subscriber) => void) {
    this.#leave = leave;
  }

  push(event: RunEvent): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting.resolve({ done: false, value: event });
    else this.#queue.push(event);
  }

  /** Ends the iteration, by throwing where there is a failure that nobody was told of. */
  close(failure?: { readonly error: unknown }): void {
    this.#done = true;
    this.#failure = failure;
    for (const { resolve } of this.#waiting) resolve(this.#last());
    this.#waiting = [];
  }

  /** The step after the last event: an error once, then the end. */
  #last(): Promise<Step> {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure === undefined
      ? Promise.resolve({ done: true, value: undefined })
      : Promise.reject(failure.error);
  }

  next(): Promise<Step> {
    const event = this.#queue[this.#head];
    if (event !== undefined) {
      this.#head += 1;
      // Dropping the front only now and then keeps taking an event O(1).
      if (this.#head >= 1024 || this.#head === this.#queue.length) {
        this.#queue = this.#queue.slice(this.#head);
        this.#head = 0;
      }
      return Promise.resolve({ done: false, value: event });
    }
    if (this.#done) return this.#last();
    return new Promise((resolve) => {
      this.#waiting.push({ resolve });
    });
  }

  return(): Promise<Step> {
    this.#leave(this);
    this.#queue = [];
    this.#head = 0;
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/**
 * Tells events to any number of iterations, each from the moment it began. Nothing is kept for nobody: without an
 * iteration an event is not even made (see {@link EventHub.active}).
 */
export class EventHub {
  readonly #subscribers = new Set<Subscriber>();
  #closed = false;

  /** Whether somebody is listening; makers of costly events ask first. */
  get active(): boolean {
    return this.#subscribers.size > 0;
  }

  emit(event: RunEvent): void {
    for (const subscriber of this.#subscribers) subscriber.push(event);
  }

  /** No event will follow: iterations end, or throw the error, once they have read what they have. */
  close(failure?: { readonly error: unknown }): void {
    this.#closed = true;
    for (const subscriber of this.#subscribers) subscriber.close(failure);
    this.#subscribers.clear();
  }

  subscribe(): AsyncIterableIterator<RunEvent> {
    const subscriber = new Subscriber((left) => this.#subscribers.delete(left));
    if (this.#closed) subscriber.close();
    else this.#subscribers.add(subscriber);
    return subscriber;
  }
}
