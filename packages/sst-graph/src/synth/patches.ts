interface Patch {
  find: string;
  replace: string;
}

/**
 * Code of SST's platform that depends on random values, the clock or the files of a site. A graph
 * must not depend on them, so the bundle contains replacements. The platform on disk does not
 * change.
 */
const PATCHES: Record<string, Patch[]> = {
  "src/components/naming.ts": [
    // The suffix of a physical name depends only on the name, so that every synthesis gives the
    // same suffix.
    {
      find: 'crypto.randomBytes(8).toString("hex")',
      replace: "JSON.stringify([max, name, suffix, $app.name, $app.stage])",
    },
  ],
  "src/components/aws/function.ts": [
    // The object key of a bundle does not depend on its content, which is built during the
    // deployment.
    { find: "hash.update(await fs.promises.readFile(zipPath));", replace: "hash.update(name);" },
  ],
  "src/components/base/base-static-site.ts": [
    // A site's build output is an empty folder, so that neither its files nor a missing build
    // matter.
    {
      find: "if (!build) return sitePath;",
      replace: "if (!build) return output(sitePath).apply(() => globalThis.$task.emptySite);",
    },
    {
      find: "const outputPath = path.join(sitePath, build.output);",
      replace: "const outputPath = globalThis.$task.emptySite;",
    },
    { find: "triggers: [Date.now().toString()],", replace: "" },
    // SST would write types into the site's source folder.
    { find: "fs.writeFileSync(filePath, content);", replace: "" },
    { find: "fs.mkdirSync(fileDir, { recursive: true });", replace: "" },
  ],
};

/**
 * Returns the patched source of a platform file, or undefined if the file needs no patch. Throws an
 * Error if SST's code has changed.
 */
export function patchSource(file: string, read: () => string): string | undefined {
  const patches = PATCHES[file];
  if (patches === undefined) return undefined;
  return patches.reduce((source, { find, replace }) => {
    if (source.split(find).length !== 2)
      throw new Error(`SST's ${file}: expected ${JSON.stringify(find)} exactly once. Update the patch`);
    return source.replace(find, () => replace);
  }, read());
}
