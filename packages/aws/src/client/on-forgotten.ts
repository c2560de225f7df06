const registry = new FinalizationRegistry<() => void>((forget) => forget());

/**
 * Calls `forget` when an object has become unreachable. What it closes over must not lead to the
 * object.
 */
export function onForgotten(object: WeakKey, forget: () => void): void {
  registry.register(object, forget, object);
}

/** The object has been used as it should: nothing is to be done when it goes. */
export function remembered(object: WeakKey): void {
  registry.unregister(object);
}
