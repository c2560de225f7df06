/** One value in a heap; keep it to take the value out again. */
export interface HeapNode<T> {
  readonly atMs: number;
  /** Breaks ties: smaller first. */
  readonly sequence: number;
  readonly value: T;
  /** Where the heap keeps it; -1 when it is not in the heap. */
  index: number;
}

/** Values in order of a time: the first at hand, any taken out in logarithmic time. */
export class EventHeap<T> {
  readonly #nodes: HeapNode<T>[] = [];

  get size(): number {
    return this.#nodes.length;
  }

  get first(): HeapNode<T> | undefined {
    return this.#nodes[0];
  }

  add(atMs: number, sequence: number, value: T): HeapNode<T> {
    const node = { atMs, sequence, value, index: this.#nodes.length };
    this.#nodes.push(node);
    this.#rise(node);
    return node;
  }

  /** Takes a node out; does nothing when it is out. */
  remove(node: HeapNode<T>): void {
    const { index } = node;
    if (index < 0 || this.#nodes[index] !== node) return;
    node.index = -1;
    const last = this.#nodes.pop();
    if (last === undefined || last === node) return;
    this.#put(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  #put(node: HeapNode<T>, index: number): void {
    this.#nodes[index] = node;
    node.index = index;
  }

  #rise(node: HeapNode<T>): void {
    while (node.index > 0) {
      const parentIndex = (node.index - 1) >> 1;
      const parent = this.#nodes[parentIndex];
      if (parent === undefined || !before(node, parent)) return;
      this.#put(parent, node.index);
      this.#put(node, parentIndex);
    }
  }

  #sink(node: HeapNode<T>): void {
    for (;;) {
      const left = this.#nodes[2 * node.index + 1];
      const right = this.#nodes[2 * node.index + 2];
      const child = left !== undefined && right !== undefined && before(right, left) ? right : left;
      if (child === undefined || !before(child, node)) return;
      const { index } = child;
      this.#put(child, node.index);
      this.#put(node, index);
    }
  }
}

function before(a: HeapNode<unknown>, b: HeapNode<unknown>): boolean {
  return a.atMs === b.atMs ? a.sequence < b.sequence : a.atMs < b.atMs;
}
