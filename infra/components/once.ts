/**
 * Returns a function that creates something on its first call, and returns the same on each later
 * one.
 */
export function once<T>(create: () => T): () => T {
  let created: { value: T } | undefined;
  return () => {
    created ??= { value: create() };
    return created.value;
  };
}
