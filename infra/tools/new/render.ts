import type { Field } from "./fields";
import { regionsOf } from "./fields";
import { camel, constant, type Names, pascal, withArticle, words } from "./names";

/** A noun to be made. */
export interface Noun extends Names {
  /** Callers see and change the things of their own tenant only. */
  perTenant: boolean;
  /** With `key`, which is one of them. */
  fields: Field[];
  /** The field that callers choose as the key; undefined for a generated `id`. */
  key: string | undefined;
}

/**
 * Makes the text of a noun from a file of the template, which is the code of the sample noun
 * `notes`.
 *
 * Lines between `// #if FLAG ...` and `// #else` or `// #endif` stay for nouns with all of these
 * flags. In the template, those that do not hold for `notes` are comments that begin with `//:`.
 * Lines between `// #region NAME` and `// #endregion NAME` depend on the fields.
 */
export function render(template: string, noun: Noun): string {
  const { fields, key, perTenant } = noun;
  let text = withRegions(
    chosen(template, [perTenant ? "tenant" : "shared", key === undefined ? "generated" : "key"]),
    regionsOf(fields.filter(({ name }) => name !== key)),
  );
  text = moved(text);
  if (!perTenant) text = shared(text);
  if (key !== undefined) text = keyed(text, key);
  return renamed(withUsedImports(text), noun);
}

/** The lines of one region of the template. */
export function regionOf(template: string, name: string): string {
  const [, lines] = new RegExp(`// #region ${name}\\n([\\s\\S]*?)\\n *// #endregion ${name}\\n`).exec(template) ?? [];
  if (lines === undefined) throw new Error(`the template has no region "${name}"`);
  return lines;
}

function chosen(text: string, flags: string[]): string {
  let keeps = true;
  const lines = text.split("\n").flatMap((line) => {
    const [, directive, wanted = ""] = /^\s*\/\/ #(if|else|endif)\b ?(.*)$/.exec(line) ?? [];
    if (directive === undefined) return keeps ? [line.replace(/^(\s*)\/\/: ?/, "$1")] : [];
    if (directive === "if") keeps = wanted.split(" ").every((flag) => flags.includes(flag));
    else keeps = directive === "endif" || !keeps;
    return [];
  });
  return lines.join("\n");
}

function withRegions(text: string, regions: Record<string, string>): string {
  return text.replaceAll(/^ *\/\/ #region (\w+)\n([\s\S]*?)^ *\/\/ #endregion \1\n/gm, (whole, name: string) =>
    name in regions ? `${regions[name]}\n` : whole,
  );
}

/** Imports from where the files of a noun are. */
function moved(text: string): string {
  return text
    .replaceAll('"../../core/notes/', '"@backend/core/notes/')
    .replaceAll('"../test/', '"../../test/')
    .replaceAll('"../../../../components/', '"./components/')
    .replaceAll('import("./notes")', 'import("./infra/notes")')
    .replaceAll('import("../functions/notes/', 'import("./packages/functions/src/notes/');
}

function shared(text: string): string {
  return text
    .replaceAll("store: storeOf(caller.tenant)", "store")
    .replaceAll("storeOf(caller.tenant)", "store")
    .replaceAll(", caller }", " }")
    .replaceAll(", perTenant: true", "")
    .replaceAll("\n * Index keys must begin with the tenant, too.", "");
}

function keyed(text: string, key: string): string {
  return text
    .replaceAll('"KEY"', JSON.stringify(`${key}-1`))
    .replaceAll(/\bId\b/g, "Key")
    .replaceAll(/\b([Aa]n) id\b/g, (_match, article: string) => withArticle(article, key))
    .replaceAll(/(?<!\/)\bid\b(?!: "(?:create|list|get|replace|delete)Note)/g, key);
}

/** Leaves out names of an import that nothing uses, and adds the schemas of the fields. */
function withUsedImports(text: string): string {
  const body = text.replaceAll(/^import .*$/gm, "");
  const isUsed = (name: string) => new RegExp(`\\b${name}\\b`).test(withoutTexts(body));
  return text.replaceAll(/^import (type )?\{ ([^}]*) \} from (".*");\n/gm, (_line, type = "", names: string, from) => {
    const candidates = from === '"@backend/platform/fields"' ? FIELD_SCHEMAS : names.split(", ");
    const used = candidates.filter((name) => isUsed(name.replace(/^type /, "")));
    return used.length === 0 ? "" : `import ${type}{ ${used.join(", ")} } from ${from};\n`;
  });
}

const FIELD_SCHEMAS = ["Amount", "Id", "Integer", "Key", "PageLimit", "Text", "Timestamp"];

/** A comment, a string or a template literal. */
const TEXTS = /\/\/.*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

function withoutTexts(code: string): string {
  return code.replaceAll(TEXTS, (text) => (text.startsWith("`") ? text.replaceAll(/(?<=^|\})[^$}]*/g, " ") : ""));
}

/**
 * Identifiers of the template that are not named after the sample noun, except names of properties.
 */
export function identifiersIn(template: string): Set<string> {
  const code = withoutTexts(template);
  const names = [...code.matchAll(/(?<![.\w])[A-Za-z_]\w*\b(?!\s*:)/g)].map(([name]) => name);
  return new Set(names.filter((name) => !/notes?/i.test(name)));
}

function renamed(text: string, noun: Names): string {
  let end = 0;
  const parts: string[] = [];
  for (const { 0: found, index } of text.matchAll(TEXTS)) {
    parts.push(inCode(text.slice(end, index), noun), inText(found, noun));
    end = index + found.length;
  }
  return [...parts, inCode(text.slice(end), noun)].join("");
}

function inCode(code: string, { plural, singular }: Names): string {
  return code
    .replaceAll("NOTES_", `${constant(plural)}_`)
    .replaceAll("NOTE_", `${constant(singular)}_`)
    .replaceAll("Notes", pascal(plural))
    .replaceAll("Note", pascal(singular))
    .replaceAll(/\bnotes(?=\b|[A-Z])/g, camel(plural))
    .replaceAll(/\bnote(?=\b|[A-Z])/g, camel(singular));
}

/** In paths, permissions and groups a noun is `purchase-orders`, in prose `purchase orders`. */
function inText(text: string, noun: Names): string {
  const { plural, singular } = noun;
  if (text.startsWith("`"))
    return text.replaceAll(/\$\{[^}]*\}|[^$]+|\$/g, (part) =>
      part.startsWith("${") ? inCode(part, noun) : inText(` ${part}`, noun).slice(1),
    );
  return text
    .replaceAll("NOTES_", `${constant(plural)}_`)
    .replaceAll(/\bnotes(?=\/|\.\w)|(?<=\/)notes\b|(?<=^")notes(?="$)/g, plural)
    .replaceAll(/(?<=\/)note\b/g, singular)
    .replaceAll(/(?<=\[)notes\b/g, plural)
    .replaceAll("Notes", pascal(plural))
    .replaceAll("Note", pascal(singular))
    .replaceAll(/\b([Aa]) note\b/g, (_match, article: string) => withArticle(article, words(singular)))
    .replaceAll(/\bnotes\b/g, words(plural))
    .replaceAll(/\bnote\b/g, words(singular));
}
