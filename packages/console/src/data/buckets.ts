/**
 * Which bucket a pointer is on: the one that began before it, not the one whose beginning is nearest.
 *
 * @param times when each bucket begins, in order
 * @param nearest index of the beginning that is nearest
 */
export function bucketAt(times: number[], nearest: number, at: number): number {
  return (times[nearest] ?? 0) > at ? Math.max(0, nearest - 1) : nearest;
}
