import type { Matches } from "./pattern-text";
import { type Element, parseRegex } from "./regex-syntax";

/** Stands for all characters outside ASCII. */
const OTHER = 128;
/** Limits the cached states. Other states are computed again when needed. */
const MAX_STATES = 2_000;

interface State {
  positions: number[];
  isMatch: boolean;
  isMatchAtEnd: boolean;
  isCached: boolean;
  /** Next states by character. */
  next: (State | undefined)[];
}

/**
 * Compiles a regular expression of a filter pattern. Matching takes linear time for every
 * expression: the automaton follows all paths at once, while `RegExp` tries them one after the
 * other.
 *
 * @throws PatternError for invalid syntax, and for syntax that CloudWatch Logs does not support
 */
export function compileRegex(regex: string): Matches {
  const alternatives = parseRegex(regex);
  // One list of all alternatives, each followed by "end".
  const elements: (Element | "end")[] = alternatives.flatMap((alternative) => [...alternative, "end" as const]);
  const starts = elements.flatMap((_, index) => (index === 0 || elements[index - 1] === "end" ? [index] : []));
  const states = new Map<string, State>();
  const first = stateAt(starts, true);

  return (text) => {
    let state = first;
    for (let at = 0; at < text.length; at++) {
      if (state.isMatch) return true;
      state = step(state, Math.min(text.charCodeAt(at), OTHER));
    }
    return state.isMatch || state.isMatchAtEnd;
  };

  function step(state: State, character: number): State {
    const cached = state.next[character];
    if (cached !== undefined) return cached;
    const positions = state.positions.flatMap((position) => {
      const element = elements[position];
      if (element === undefined || element === "end" || !("matches" in element) || !element.matches[character])
        return [];
      return element.isRepeated ? [position, position + 1] : [position + 1];
    });
    const next = stateAt([...positions, ...starts], false); // a match may begin at any character
    if (next.isCached) state.next[character] = next;
    return next;
  }

  function stateAt(from: number[], isStart: boolean): State {
    const positions = reach(from, isStart, false);
    const key = `${isStart} ${positions.join(",")}`;
    const cached = states.get(key);
    if (cached !== undefined) return cached;
    const isMatch = positions.some((position) => elements[position] === "end");
    const isMatchAtEnd = reach(from, isStart, true).some((position) => elements[position] === "end");
    const state: State = { positions, isMatch, isMatchAtEnd, isCached: states.size < MAX_STATES, next: [] };
    if (state.isCached) states.set(key, state);
    return state;
  }

  /** Returns the positions reachable without a character, in order. */
  function reach(from: number[], isStart: boolean, isEnd: boolean): number[] {
    const found = new Set<number>();
    for (const start of from) {
      for (let position = start; !found.has(position); position++) {
        found.add(position);
        const element = elements[position];
        if (element === undefined || element === "end") break;
        if ("matches" in element ? !element.isOptional : element.anchor === "^" ? !isStart : !isEnd) break;
      }
    }
    return [...found].sort((a, b) => a - b);
  }
}
