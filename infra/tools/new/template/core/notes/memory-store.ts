import type { Note } from "./note";
import type { NoteStore } from "./store";

/** Returns a store in memory, for tests. */
export function memoryStore(): NoteStore {
  const stored = new Map<string, Note>();
  return {
    async add(note) {
      if (stored.has(note.id)) return false;
      stored.set(note.id, note);
      return true;
    },
    async get(id) {
      return stored.get(id);
    },
    async replace(note) {
      if (!stored.has(note.id)) return false;
      stored.set(note.id, note);
      return true;
    },
    async delete(id) {
      const note = stored.get(id);
      stored.delete(id);
      return note;
    },
    async page(limit, after) {
      // #if generated
      const sorted = [...stored.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
      const rest = sorted.filter(({ id }) => after === undefined || id < after);
      // #else
      //: const sorted = [...stored.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      //: const rest = sorted.filter(({ id }) => after === undefined || id > after);
      // #endif
      const notes = rest.slice(0, limit);
      const readTo = notes.length < rest.length ? notes.at(-1)?.id : undefined;
      return { notes, ...(readTo !== undefined && { readTo }) };
    },
  };
}
