import { afterEach, expect, it, vi } from "vitest";

import { readStored, readStoredTexts, writeStored } from "./stored";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Storage as a browser has it: https://html.spec.whatwg.org/multipage/webstorage.html */
function storage(items: Record<string, string> = {}) {
  const map = new Map(Object.entries(items));
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => map.set(key, value),
    removeItem: (key: string) => map.delete(key),
  });
  return map;
}

function blockStorage() {
  const fail = () => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  };
  vi.stubGlobal("sessionStorage", { getItem: fail, setItem: fail, removeItem: fail });
}

it("reads what was written, until it is removed", () => {
  const map = storage();
  writeStored("key", ["a", 1]);
  expect(readStored("key")).toEqual(["a", 1]);
  writeStored("key", undefined);
  expect([map.size, readStored("key")]).toEqual([0, null]);
});

it.each(["", "{", "undefined", "[1,"])("reads null from %j, which is not JSON", (text) => {
  storage({ key: text });
  expect(readStored("key")).toBeNull();
});

it("reads null if the browser blocks the storage", () => {
  blockStorage();
  writeStored("key", 1);
  writeStored("key", undefined);
  expect(readStored("key")).toBeNull();
});

it.each<[string, string[]]>([
  ['["a=","b="]', ["a=", "b="]],
  ['["a=",1,null]', ["a="]],
  ['{"a":1}', []],
  ["5", []],
  ["{", []],
])("reads the strings of a list from %s", (text, expected) => {
  storage({ key: text });
  expect(readStoredTexts("key")).toEqual(expected);
});
