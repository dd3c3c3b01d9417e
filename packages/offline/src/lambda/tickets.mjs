// Who has an invocation that waits in another thread: memory that both threads see settles it, even while one of them is busy.

const OPEN = 0;
const BEGUN = 1;
const REVOKED = 2;
const LOGGED = 3;
const NUMBERS = 1 << 28;

/**
 * Tickets for invocations that wait in an execution environment. A ticket is begun by the runtime or revoked by the server, never
 * both. There are as many places as invocations may wait; a ticket is its number, and its place holds number and state.
 */
export class Tickets {
  /** @type {Int32Array<SharedArrayBuffer>} */
  shared;
  #next = 0;

  /** @param {number} places */
  constructor(places) {
    this.shared = new Int32Array(new SharedArrayBuffer(places * Int32Array.BYTES_PER_ELEMENT));
  }

  issue() {
    this.#next = (this.#next + 1) % NUMBERS;
    Atomics.store(this.shared, this.#next % this.shared.length, this.#next * 4 + OPEN);
    return this.#next;
  }

  /**
   * True where the runtime has written a record of it.
   *
   * @param {number} ticket
   */
  isLogged(ticket) {
    return Atomics.load(this.shared, ticket % this.shared.length) === ticket * 4 + LOGGED;
  }

  /**
   * True where the runtime has not begun it, and now never will.
   *
   * @param {number} ticket
   */
  revoke(ticket) {
    return change(this.shared, ticket, REVOKED);
  }
}

/**
 * The runtime has written the first record of it.
 *
 * @param {Int32Array<SharedArrayBuffer>} shared
 * @param {number} ticket
 */
export function log(shared, ticket) {
  Atomics.store(shared, ticket % shared.length, ticket * 4 + LOGGED);
}

/**
 * True where the server has not revoked it, and now never will.
 *
 * @param {Int32Array<SharedArrayBuffer>} shared
 * @param {number} ticket
 */
export function begin(shared, ticket) {
  return change(shared, ticket, BEGUN);
}

/**
 * @param {Int32Array<SharedArrayBuffer>} shared
 * @param {number} ticket
 * @param {number} state
 */
function change(shared, ticket, state) {
  const open = ticket * 4 + OPEN;
  return Atomics.compareExchange(shared, ticket % shared.length, open, ticket * 4 + state) === open;
}
