import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import type { AppNames } from "../../components/check-app";
import type { NameKey } from "./names";

/**
 * Writes the names of an app into the files of a project that state them: `infra/app.ts`,
 * `package.json` and `README.md`. Returns the files that it changed. Throws an Error, before it
 * writes anything, if a file does not state a name where it is expected.
 */
export function writeNames(project: string, before: AppNames, after: AppNames): string[] {
  const changes: [file: string, change: (text: string) => string][] = [
    ["infra/app.ts", (text) => appFile(text, before, after)],
    ["package.json", (text) => packageFile(text, after.name)],
    ["README.md", (text) => readme(text, before, after)],
  ];
  const written = changes.map(([file, change]) => {
    const text = readFileSync(path.join(project, file), "utf8");
    return { file, text, changed: change(text) };
  });
  for (const { file, changed } of written) writeFileSync(path.join(project, file), changed);
  return written.filter(({ text, changed }) => text !== changed).map(({ file }) => file);
}

/** Replaces the values and keeps the comments. */
export function appFile(text: string, before: AppNames, after: AppNames): string {
  let changed = text;
  for (const key of Object.keys(after) as NameKey[]) {
    const property = `  ${key}: ${JSON.stringify(before[key])},\n`;
    if (!changed.includes(property)) throw new Error(`infra/app.ts: expected the line "${property.trim()}"`);
    changed = changed.replace(property, () => `  ${key}: ${JSON.stringify(after[key])},\n`);
  }
  return changed;
}

function packageFile(text: string, name: string): string {
  return text.replace(/^( {2}"name": )"[^"]*"/m, (_all, key: string) => `${key}${JSON.stringify(name)}`);
}

/** The first heading, a line on who owns the app, and the names of resources in the examples. */
export function readme(text: string, before: AppNames, after: AppNames): string {
  const [, rest = ""] = /^# .*\n(?:\nOwned by .*\n)?([\s\S]*)$/.exec(text) ?? [];
  if (rest === "") throw new Error("README.md: expected a heading in the first line");
  const renamed = rest
    // The logical names that end in API and Function stay; their names in AWS have the prefix.
    .replaceAll(/(aws\/(?:apigateway|lambda)\/)(\w+)/g, (_all, path: string, name: string) => {
      const own = name.startsWith(after.prefix) ? name : `${after.prefix}${name}`;
      return `${path}${isLogical(name, before) ? own : renamedPrefix(name, before, after)}`;
    })
    .replaceAll(new RegExp(`\\b${before.prefix}[A-Z]\\w*`, "g"), (name) =>
      isLogical(name, before) ? name : renamedPrefix(name, before, after),
    )
    .replaceAll(new RegExp(`\\b${before.name}\\b`, "g"), after.name);
  const title = `# ${after.name}\n\nOwned by ${after.owner}, deployed to ${after.region}.\n`;
  return `${title}${rest.startsWith("\n") ? "" : "\n"}${renamed}`;
}

function isLogical(name: string, { prefix }: AppNames): boolean {
  return new RegExp(`^${prefix}(API|Function)$`).test(name);
}

function renamedPrefix(name: string, before: AppNames, after: AppNames): string {
  return name.startsWith(before.prefix) ? `${after.prefix}${name.slice(before.prefix.length)}` : name;
}
