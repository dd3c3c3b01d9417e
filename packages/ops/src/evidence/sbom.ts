import { createHash } from "node:crypto";

import { parse } from "yaml";

/** The parts of pnpm-lock.yaml (version 9) that are read. */
interface Lockfile {
  /** Packages of the workspace, by folder. */
  importers: Record<string, { [Kind in DependencyKind]?: Record<string, { version: string }> }>;
  packages: Record<string, { resolution: { integrity?: string } }>;
  snapshots: Record<string, { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }>;
}
type DependencyKind = "dependencies" | "devDependencies" | "optionalDependencies";

/**
 * Converts a lockfile to a CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/). The
 * subject has the dependencies of all workspace packages. Development dependencies have the scope
 * "excluded".
 *
 * `pnpm sbom` cannot be used: its output for workspace packages varies between runs (pnpm 12.21).
 *
 * @param subject the described application. The serial number and the timestamp derive from it
 */
export function sbomOf(
  lockfile: string,
  subject: { name: string; version: string; commit: string; time: number },
): object {
  const { importers, packages, snapshots } = parse(lockfile) as Lockfile;
  const dependencies = dependenciesIn(snapshots);
  const runTime = reachableFrom(directIn(["dependencies", "optionalDependencies"]), dependencies);
  const root = `pkg:generic/${subject.name}@${subject.version}`;
  const components = Object.entries(packages).map(([key, { resolution }]) => {
    const { name, version } = partsOf(key);
    const scope = name.startsWith("@") ? { group: name.slice(0, name.indexOf("/")) } : {};
    return {
      type: "library",
      "bom-ref": purlOf(key),
      ...scope,
      name: name.slice(name.startsWith("@") ? name.indexOf("/") + 1 : 0),
      version,
      purl: purlOf(key),
      ...(runTime.has(purlOf(key)) ? {} : { scope: "excluded" }),
      ...(resolution.integrity !== undefined && { hashes: [hashOf(resolution.integrity)] }),
    };
  });
  dependencies.set(root, new Set(directIn(["dependencies", "devDependencies", "optionalDependencies"])));
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(`${subject.name} ${subject.commit}`)}`,
    version: 1,
    metadata: {
      timestamp: new Date(subject.time * 1000).toISOString(),
      component: { type: "application", "bom-ref": root, name: subject.name, version: subject.version },
    },
    components,
    dependencies: [...dependencies].map(([ref, on]) => ({ ref, dependsOn: [...on].sort() })),
  };

  /** Returns the direct dependencies of the workspace's packages, without workspace packages. */
  function directIn(kinds: DependencyKind[]): string[] {
    const named = Object.values(importers).flatMap((importer) => {
      return kinds.flatMap((kind) => Object.entries(importer[kind] ?? {}));
    });
    return named.flatMap(([name, { version }]) => targetOf(name, version) ?? []);
  }

  function dependenciesIn(all: Lockfile["snapshots"]): Map<string, Set<string>> {
    const found = new Map<string, Set<string>>();
    for (const [key, { dependencies: required, optionalDependencies: optional }] of Object.entries(all)) {
      const ref = purlOf(withoutPeers(key));
      const on = found.get(ref) ?? new Set();
      for (const [name, version] of Object.entries({ ...required, ...optional })) {
        const target = targetOf(name, version);
        if (target !== undefined) on.add(target);
      }
      found.set(ref, on);
    }
    return found;
  }

  /** Returns the package URL of a dependency. An alias has the real package as its version. */
  function targetOf(name: string, version: string): string | undefined {
    const key = withoutPeers(packages[withoutPeers(version)] === undefined ? `${name}@${version}` : version);
    return packages[key] === undefined ? undefined : purlOf(key);
  }
}

function reachableFrom(starts: string[], dependencies: Map<string, Set<string>>): Set<string> {
  const found = new Set(starts);
  // The loop also visits the items that it adds.
  for (const ref of found) for (const on of dependencies.get(ref) ?? []) found.add(on);
  return found;
}

/** Splits a key such as `@scope/name@1.2.3`. */
function partsOf(key: string): { name: string; version: string } {
  const at = key.indexOf("@", 1);
  return { name: key.slice(0, at), version: key.slice(at + 1) };
}

/** Removes the peer dependencies, which are in parentheses. */
function withoutPeers(key: string): string {
  const at = key.indexOf("(");
  return at < 0 ? key : key.slice(0, at);
}

/**
 * Returns a package URL:
 * https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md
 */
function purlOf(key: string): string {
  const { name, version } = partsOf(key);
  return `pkg:npm/${name.replace("@", "%40")}@${encodeURIComponent(version)}`;
}

/** Converts a subresource integrity (https://www.w3.org/TR/SRI/) to a CycloneDX hash. */
function hashOf(integrity: string): { alg: string; content: string } {
  const [algorithm = "", digest = ""] = integrity.split("-", 2);
  return {
    alg: algorithm.toUpperCase().replace("SHA", "SHA-"),
    content: Buffer.from(digest, "base64").toString("hex"),
  };
}

/** Returns a UUID that depends only on the text (RFC 9562, version 8). */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
