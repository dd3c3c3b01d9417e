import { UsageError } from "@backend/sst-graph/usage-error";

import { constant } from "./names";
import { type Noun, regionOf, render } from "./render";

/** Texts of the files that nouns share, by path. */
export type Texts = Record<string, string>;

export const CONFIG = "sst.config.ts";
export const PERMISSIONS = "packages/core/src/permissions.ts";
export const OPERATIONS = "packages/core/src/operations.ts";
export const STAGE = "infra/stage.ts";

/** The methods of a noun's routes. */
const METHODS = ["GET", "POST", "PUT", "DELETE"];

/**
 * Returns the shared files with a noun in them. What is of the noun stands between `// #region
 * orders` and `// #endregion orders`, or in lines that end with `// #line orders`: `pnpm remove`
 * takes out these.
 *
 * @param template reads a file of the template
 * @throws UsageError that names a line which a file does not have
 */
export function editsOf(noun: Noun, files: Texts, template: (file: string) => string): Texts {
  const { plural, singular } = noun;
  const region = (file: string, name: string) => {
    const lines = render(regionOf(template(file), name), noun);
    return `// #region ${plural}\n${lines}\n// #endregion ${plural}\n`;
  };
  const line = `// #line ${plural}`;
  const docs = `${constant(singular)}_DOCS`;

  const config = before(
    CONFIG,
    files,
    /^.*\bapi\.publish\(/m,
    "return api.publish();",
    `${region("infra/config.ts", "config")}\n`,
  );
  const permissions = before(
    PERMISSIONS,
    files,
    /^ *\.\.\.PLATFORM_PERMISSIONS,\n/m,
    "...PLATFORM_PERMISSIONS,",
    region("core/permissions.ts", "permissions"),
  );
  const all = /^const ALL = \[[^\]]*(?=\];)/m;
  const operations = replace(OPERATIONS, files, all, "const ALL = [...];", (list) =>
    withItems(list, [`...${docs}, ${line}`]),
  );
  const imported = before(
    OPERATIONS,
    { [OPERATIONS]: operations },
    /^import /m,
    "import",
    `import { ${docs} } from "./${plural}/docs"; ${line}\n`,
  );
  return {
    [CONFIG]: withMethods(config, line),
    [PERMISSIONS]: permissions,
    [OPERATIONS]: imported,
    ...withScopes(noun, files, line),
  };
}

function before(file: string, files: Texts, anchor: RegExp, shown: string, added: string): string {
  return replace(file, files, anchor, shown, (found) => `${added}${found}`);
}

function replace(
  file: string,
  files: Texts,
  anchor: RegExp,
  shown: string,
  replaced: (found: string) => string,
): string {
  const text = files[file] ?? "";
  const found = anchor.exec(text);
  if (found === null)
    throw new UsageError(`${file}: expected the line "${shown}", found none; add it by hand, and try again`);
  return `${text.slice(0, found.index)}${replaced(found[0])}${text.slice(found.index + found[0].length)}`;
}

/**
 * Lets browsers use the methods. Those that another noun has brought go with it, so that this one
 * lists its own.
 */
function withMethods(config: string, line: string): string {
  const list = /allowMethods: \[[^\]]*(?=\])/;
  return replace(CONFIG, { [CONFIG]: config }, list, "allowMethods: [...],", (found) => {
    const unmarked = found.replaceAll(/^.*\/\/ #line .*$/gm, "");
    const missing = METHODS.map((method) => JSON.stringify(method)).filter((method) => !unmarked.includes(method));
    return missing.length === 0
      ? found
      : withItems(
          found,
          missing.map((method) => `${method}, ${line}`),
        );
  });
}

/** Lets the sample client of stage dev use the noun. A stage without it stays as it is. */
function withScopes({ plural }: Noun, files: Texts, line: string): Texts {
  const client = /^ *machines: \{\s*Machine: \{[^}]*?scopes: \[[^\]]*(?=\])/m;
  const text = files[STAGE] ?? "";
  if (!client.test(text)) return {};
  const scopes = ["write", "read"].map((action) => `"${plural}/${action}", ${line}`);
  return { [STAGE]: text.replace(client, (list) => withItems(list, scopes)) };
}

/** Adds lines to the end of a list without its closing bracket. */
function withItems(list: string, lines: string[]): string {
  const isOpen = /[[,]\s*(\/\/.*\s*)*$/.test(list);
  return `${list.trimEnd()}${isOpen ? "" : ","}\n${lines.join("\n")}\n`;
}
